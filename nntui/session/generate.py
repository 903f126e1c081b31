"""`Speaker`: a network that continues a prompt, one token at a time.

It speaks with the parameters as they are at the cursor, on a machine of its own: the run, its
history and every bit of its state stay as they are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, final

import numpy as np

from nntui.engine.model import Samples
from nntui.engine.options import Array
from nntui.engine.random import Keyed
from nntui.engine.trainer import Trainer
from nntui.errors import UsageError
from nntui.scenario.text import show
from nntui.session.sequence import tokens_of

_STREAM: Final = "generate"


@dataclass(frozen=True)
class Choice:
    """What a network has said next.

    Attributes:
        token: its number.
        chances: of each token, those it was chosen with.
        seen: how many of the tokens before it the network has seen.
    """

    token: int
    chances: tuple[float, ...]
    seen: int


@final
class Speaker:
    """Continues prompts.

    Args:
        trainer: a machine of its own.
        state: the parameters to speak with.

    Attributes:
        tokens: the name of each token.
        time: how many tokens the network sees at once.

    Raises:
        UsageError: the network cannot go on from what it is given.
    """

    def __init__(self, trainer: Trainer, state: Array) -> None:
        self._trainer = trainer
        trainer.state.vector[...] = state
        self.tokens = tokens_of(trainer.dataset)
        self._random = Keyed(trainer.model.seed)
        self._check_tokens()
        self.time = trainer.dataset.train.x.shape[1]
        self._answers_each = self._predict(np.zeros(self.time, np.int64)).ndim > 1
        self._check_order()

    def read(self, text: str) -> tuple[int, ...]:
        """The tokens of a prompt; blanks between them count only where a blank is a token.

        Raises:
            UsageError: there is a token that the network does not know.
        """
        found: list[int] = []
        for character in text:
            name = show(character)
            if name in self.tokens:
                found.append(self.tokens.index(name))
            elif not character.isspace():
                known = " ".join(self.tokens)
                raise UsageError(f"there is no token '{name}': the network knows {known}")
        return tuple(found)

    def check(self, prompt: Sequence[int]) -> None:
        """Say whether a prompt can be gone on from.

        Raises:
            UsageError: it is too short.
        """
        if not prompt:
            raise UsageError("write a token or more first: the network continues what is there")
        if not self._answers_each and len(prompt) < self.time:
            raise UsageError(
                f"write {self.time} tokens or more: the network answers after so many, not before"
            )

    def go_on(self, context: Sequence[int], temperature: float = 0.0) -> Choice:
        """The next token.

        Args:
            context: all tokens so far; the network sees the last of them, as many as it can.
            temperature: 0 takes the most probable token. 1 draws one as the network's chances are,
                less makes it surer of itself, more makes it bolder. The same context, temperature
                and seed of the run draw the same token.

        Raises:
            UsageError: the context is too short, or the network says nothing finite.
        """
        self.check(context)
        window = np.asarray(context[-self.time :], np.int64)
        seen = len(window)
        said = self._predict(np.concatenate([window, np.zeros(self.time - seen, np.int64)]))
        chances = self._chances(said[seen - 1] if self._answers_each else said, temperature)
        if temperature <= 0:
            return Choice(int(chances.argmax()), tuple(chances.tolist()), seen)
        drawn = self._random.uniform(_STREAM, len(context), 1)[0]
        token = int(np.searchsorted(chances.cumsum(), drawn * chances.sum(), side="right"))
        return Choice(min(token, len(chances) - 1), tuple(chances.tolist()), seen)

    def _chances(self, said: Array, temperature: float) -> Array:
        """Probabilities, of logits or of probabilities, at a temperature."""
        if not np.isfinite(said).all():
            raise UsageError("what the network says is not finite, so there is nothing to choose")
        scores = said.astype(np.float64)
        if "loss.p" not in self._trainer.program.tensors:
            scores = np.log(np.maximum(scores, np.finfo(np.float64).tiny))
        scores = (scores - scores.max()) / (temperature if temperature > 0 else 1.0)
        powers: Array = np.exp(scores)
        shares: Array = powers / powers.sum()
        return shares

    def _predict(self, tokens: Array) -> Array:
        """What the network says of a whole window: (time, tokens), or (tokens,) after the last."""
        x = tokens.astype(np.float64)
        if self._trainer.dataset.train.x.ndim > 2:
            x = np.eye(len(self.tokens))[tokens]
        said: Array = self._trainer.predict(Samples(x[np.newaxis], None))[0]
        return said

    def _check_tokens(self) -> None:
        """Raise where the network's answers are not the tokens that it reads."""
        dataset = self._trainer.dataset
        if not self.tokens:
            raise UsageError(
                "this network cannot continue a prompt: its inputs are no tokens with names"
            )
        if dataset.classes != self.tokens:
            raise UsageError(
                "this network cannot continue a prompt: its answers are not the tokens that "
                "it reads"
            )

    def _check_order(self) -> None:
        """Raise where what a network says at a token hangs on those that come after it."""
        if not self._answers_each or self.time < 2:
            return
        first, other = (np.full(self.time, k) for k in (0, len(self.tokens) - 1))
        other[0] = first[0]
        one, another = (self._predict(tokens)[0] for tokens in (first, other))
        if not np.allclose(one, another, rtol=1e-6, equal_nan=True):
            raise UsageError(
                "this network cannot continue a prompt: what it says next hangs on tokens that "
                "come after — set causal = true in its attention"
            )
