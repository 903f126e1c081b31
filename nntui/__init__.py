"""A debugger for neural networks in the terminal."""

import os

__version__ = "0.1.0"

# A run has to give the same bits on every machine with the same kernels, but a matrix product that
# is split over threads adds up in another order. One thread costs nothing at the sizes one can look
# at. NumPy reads this when it is first imported.
for _name in ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_name, "1")
