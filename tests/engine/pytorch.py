"""The same networks in PyTorch, trained on the same batches from the same start."""

from __future__ import annotations

from collections import OrderedDict
from functools import partial
from typing import Any

import numpy as np
import torch
from torch.nn import functional

from nntui.engine.activations import Activation
from nntui.engine.layers import Layer, Shape
from nntui.engine.layers.attention import Attention
from nntui.engine.layers.batch_norm import BatchNorm
from nntui.engine.layers.conv2d import Conv2d
from nntui.engine.layers.dense import Dense
from nntui.engine.layers.dropout import Dropout
from nntui.engine.layers.embedding import Embedding
from nntui.engine.layers.flatten import Flatten
from nntui.engine.layers.layer_norm import LayerNorm
from nntui.engine.layers.pool2d import AvgPool2d, MaxPool2d
from nntui.engine.layers.positional_encoding import PositionalEncoding
from nntui.engine.layers.recurrent import Recurrent
from nntui.engine.layers.rnn import Rnn
from nntui.engine.layers.transformer_block import TransformerBlock
from nntui.engine.machine import parameters_of
from nntui.engine.model import Loss
from nntui.engine.optimizers import Optimizer
from nntui.engine.schedules import Cosine, Exponential, Schedule, Step
from nntui.engine.tensor import feature_axis
from nntui.engine.trainer import Trainer
from tests.engine.pytorch_attention import module_of

MOMENTS = {
    "momentum": "momentum_buffer", "m": "exp_avg", "v": "exp_avg_sq", "v_max": "max_exp_avg_sq",
    "u": "exp_inf", "sum": "sum", "square_avg": "square_avg", "grad_avg": "grad_avg",
    "delta_avg": "acc_delta",
}  # fmt: skip
"""Our vectors of the training state, and what PyTorch's optimizers call them."""

NAMES = {"sgd": "SGD", "adamw": "AdamW", "nadam": "NAdam", "rmsprop": "RMSprop"}

NO_CLASS = -1

Arrays = dict[str, np.ndarray]


def activation(spec: Activation) -> torch.nn.Module:
    alpha = spec.alpha
    return {
        "linear": torch.nn.Identity,
        "sigmoid": torch.nn.Sigmoid,
        "tanh": torch.nn.Tanh,
        "relu": torch.nn.ReLU,
        "leaky_relu": lambda: torch.nn.LeakyReLU(alpha),
        "elu": lambda: torch.nn.ELU(alpha),
        "gelu": torch.nn.GELU,
        "silu": torch.nn.SiLU,
        "softplus": torch.nn.Softplus,
        "softmax": lambda: torch.nn.Softmax(dim=-1),
    }[spec.type]()


class SequenceNorm(torch.nn.BatchNorm1d):
    """Batch norm of (batch, time, features), which PyTorch takes as (batch, features, time)."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return super().forward(x.transpose(1, 2)).transpose(1, 2)


BATCH_NORMS = {1: torch.nn.BatchNorm1d, 2: SequenceNorm, 3: torch.nn.BatchNorm2d}
"""By the rank of a sample."""


class Lookup(torch.nn.Embedding):
    """An embedding of ids that come as numbers."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return super().forward(x.long())


CELLS = {"rnn": torch.nn.RNN, "lstm": torch.nn.LSTM, "gru": torch.nn.GRU}


class Unrolled(torch.nn.Module):
    """PyTorch's recurrent module of one layer, its parameters called like ours."""

    def __init__(self, layer: Recurrent, features: int) -> None:
        super().__init__()
        options = {"nonlinearity": layer.activation.type} if isinstance(layer, Rnn) else {}
        make = CELLS[layer.type]
        cell = make(features, layer.units, bias=layer.bias, batch_first=True, **options)
        for name, parameter in cell.named_parameters():
            self.register_parameter(name.removesuffix("_l0"), parameter)
        self.cell = (cell,)
        self.sequences = layer.return_sequences

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        states, _ = self.cell[0](x)
        return states if self.sequences else states[:, -1]


def modules(layer: Layer, incoming: Shape) -> dict[str, torch.nn.Module]:
    """A layer, by the name under which PyTorch's parameters are called like ours."""
    features = incoming[feature_axis(incoming)]
    if isinstance(layer, Embedding):
        return {layer.name: Lookup(layer.vocabulary, layer.units)}
    if isinstance(layer, Flatten):
        return {layer.name: torch.nn.Flatten()}
    if isinstance(layer, Recurrent):
        return {layer.name: Unrolled(layer, features)}
    if isinstance(layer, Attention | TransformerBlock | PositionalEncoding):
        return {layer.name: module_of(layer, *incoming)}
    if isinstance(layer, Dense):
        linear = torch.nn.Linear(features, layer.units, bias=layer.bias is not False)
        return {layer.name: linear, f"{layer.name}_a": activation(layer.activation)}
    if isinstance(layer, Conv2d):
        options = {"padding": layer.padding, "bias": layer.bias is not False}
        conv = torch.nn.Conv2d(
            features, layer.filters, layer.kernel_size, stride=layer.stride, **options
        )
        return {layer.name: conv, f"{layer.name}_a": activation(layer.activation)}
    if isinstance(layer, MaxPool2d | AvgPool2d):
        pool = torch.nn.MaxPool2d if isinstance(layer, MaxPool2d) else torch.nn.AvgPool2d
        return {layer.name: pool(layer.kernel_size, layer.stride)}
    if isinstance(layer, LayerNorm):
        return {layer.name: torch.nn.LayerNorm(features, eps=layer.eps)}
    if isinstance(layer, BatchNorm):
        return {layer.name: BATCH_NORMS[len(incoming)](features, layer.eps, layer.momentum)}
    assert isinstance(layer, Dropout)
    return {layer.name: torch.nn.Dropout(layer.p)}


def loss_of(loss: Loss, output: torch.Tensor, y: torch.Tensor, *, softmax: bool) -> torch.Tensor:
    """The loss on the data; `softmax` says that the outputs are probabilities of classes."""
    if loss.type == "cross_entropy" and output.ndim == 3:
        # PyTorch wants classes on the second axis.
        output = output.transpose(1, 2)
        y = y.transpose(1, 2) if y.ndim == 3 else y
    if loss.type == "cross_entropy" and softmax:
        if y.ndim == output.ndim:
            return -torch.special.xlogy(y, output).sum(1).mean()
        return functional.nll_loss(output.log(), y, ignore_index=NO_CLASS)
    if loss.type == "hinge":
        return (1 - y * output).clamp(min=0).mean()
    return {
        "mse": functional.mse_loss,
        "mae": functional.l1_loss,
        "huber": lambda a, b: functional.huber_loss(a, b, delta=loss.delta),
        "bce": functional.binary_cross_entropy,
        "bce_logits": functional.binary_cross_entropy_with_logits,
        "cross_entropy": partial(functional.cross_entropy, ignore_index=NO_CLASS),
    }[loss.type](output, y)


def optimizer_of(spec: Optimizer, parameters: list[torch.nn.Parameter]) -> torch.optim.Optimizer:
    options = {key: value for key, value in vars(spec).items() if key != "type"}
    cls = getattr(torch.optim, NAMES.get(spec.type, spec.type.capitalize()))
    return cls(parameters, **options)


def scheduler_of(spec: Schedule, optimizer: torch.optim.Optimizer, length: int) -> Any:
    schedulers = torch.optim.lr_scheduler
    if isinstance(spec, Step):
        return schedulers.StepLR(optimizer, spec.step_size, spec.gamma)
    if isinstance(spec, Exponential):
        return schedulers.ExponentialLR(optimizer, spec.gamma)
    assert isinstance(spec, Cosine)
    return schedulers.CosineAnnealingLR(optimizer, spec.t_max or length, spec.eta_min)


class Reference:
    """The run of a trainer that has not begun, in PyTorch."""

    def __init__(self, trainer: Trainer) -> None:
        self.trainer = trainer
        self.training = trainer.model.training
        dtype = getattr(torch, trainer.model.dtype)
        shape = trainer.dataset.train.x.shape[1:]
        found: OrderedDict[str, torch.nn.Module] = OrderedDict()
        for layer in trainer.model.layers:
            found.update(modules(layer, shape))
            shape = layer.shape(shape)
        self.model = torch.nn.Sequential(found).to(dtype)
        self.load()
        self.x = torch.tensor(trainer.dataset.train.x, dtype=dtype)
        train = trainer.dataset.train
        self.y = torch.tensor(train.y, dtype=torch.int64 if train.has_classes else dtype)
        named = dict(self.model.named_parameters())
        self.free = [named[p.name] for p in trainer.program.parameters if not p.frozen]
        self.optimizer = optimizer_of(self.training.optimizer, self.free)
        self.scheduler = None
        if self.training.schedule is not None:
            length = self.training.epochs
            if self.training.schedule.every == "step":
                length *= trainer.steps_per_epoch
            self.scheduler = scheduler_of(self.training.schedule, self.optimizer, length)

    def load(self) -> None:
        """Take over the trainer's parameters and running statistics."""
        tensors = self.model.state_dict()
        for name, array in parameters_of(self.trainer.state).items():
            tensors[name].copy_(torch.tensor(array.copy()))

    def loss(self, x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
        """The loss, the penalty on the weights included."""
        last = self.trainer.model.layers[-1]
        softmax = isinstance(last, Dense) and last.activation.type == "softmax"
        loss = loss_of(self.training.loss, self.model(x), y, softmax=softmax)
        for name, parameter in self.model.named_parameters():
            if name.rpartition(".")[2].startswith("weight"):
                loss = loss + self.training.l1 * parameter.abs().sum()
                loss = loss + self.training.l2 / 2 * parameter.square().sum()
        return loss

    def step(self, step: int) -> Arrays:
        """Train on the batch of a step; returns the loss, the gradients and what came of them."""
        rows = self.trainer.batches.rows(step)
        self.model.zero_grad()
        loss = self.loss(self.x[rows], self.y[rows])
        loss.backward()
        gradients = {
            f"{name}.grad": parameter.grad.clone()
            for name, parameter in self.model.named_parameters()
        }
        if self.training.clip_norm is not None:
            torch.nn.utils.clip_grad_norm_(self.free, self.training.clip_norm)
        self.optimizer.step()
        if self.scheduler is not None and (
            self.training.schedule.every == "step" or step % self.trainer.steps_per_epoch == 0
        ):
            self.scheduler.step()
        tensors = {"loss": loss, **gradients, **self._state()}
        return {name: tensor.detach().numpy().copy() for name, tensor in tensors.items()}

    def _state(self) -> dict[str, torch.Tensor]:
        """Parameters, running statistics and moments."""
        tensors = {k: v for k, v in self.model.state_dict().items() if "num_batches" not in k}
        for name, parameter in self.model.named_parameters():
            state = self.optimizer.state.get(parameter, {})
            tensors |= {f"{name}.{key}": v for key, v in state.items() if key in MOMENTS.values()}
        return tensors


def numbers_of(trainer: Trainer, loss: float) -> Arrays:
    """The same numbers of ours."""
    numbers: Arrays = {"loss": np.array(loss), **parameters_of(trainer.state)}
    for parameter in trainer.program.parameters:
        numbers[f"{parameter.name}.grad"] = parameter.view(trainer.gradients)
        if parameter.frozen:
            continue
        for vector in trainer.program.moments:
            view = parameter.view(trainer.state.vectors[vector])
            numbers[f"{parameter.name}.{MOMENTS[vector]}"] = view
    return numbers
