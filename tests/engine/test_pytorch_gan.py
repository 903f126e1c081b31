"""Adversaries against the usual loop in PyTorch: values, gradients, parameters, step by step."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from nntui.engine.layers.batch_norm import BatchNorm
from nntui.engine.machine import parameters_of
from nntui.engine.models.gan import DISCRIMINATOR, GENERATOR, Gan
from nntui.engine.trainer import Trainer
from tests.engine.adversaries import GANS, gan, judge, maker, points

torch = pytest.importorskip("torch")
functional = torch.nn.functional

from tests.engine.pytorch import modules, optimizer_of  # noqa: E402  (needs torch)

STEPS = 20
TOLERANCE = 1e-9
COARSE = {"gan nadam": 1e-6}
"""PyTorch keeps NAdam's product of the μ in float32."""

COMPARED = sorted(set(GANS) - {"gan dropout"})


class Opponents:
    """The same two players in PyTorch, from the same start."""

    def __init__(self, trainer: Trainer, tolerance: float = TOLERANCE) -> None:
        self.tolerance = tolerance
        assert isinstance(trainer.model, Gan)
        self.model, self.trainer = trainer.model, trainer
        given = parameters_of(trainer.state)
        sample = trainer.dataset.train.x.shape[1:]
        incoming = {GENERATOR: (self.model.latent,), DISCRIMINATOR: sample}
        self.players = {}
        for player, layers in self.model.stacks.items():
            found, shape = {}, incoming[player]
            for layer in layers:
                for name, module in modules(layer, shape).items():
                    found[name.replace(".", "_")] = module.double()
                shape = layer.shape(shape)
            network = torch.nn.Sequential()
            for name, module in found.items():
                network.add_module(name, module)
            for name, tensor in [*network.named_parameters(), *network.named_buffers()]:
                if not name.endswith("num_batches_tracked"):
                    ours = name.replace(f"{player}_", f"{player}.")
                    tensor.data = torch.tensor(given[ours].copy())
            self.players[player] = network
        training = self.model.training
        self.optimizers = {
            name: optimizer_of(
                getattr(self.model, name).optimizer or training.optimizer,
                list(network.parameters()),
            )
            for name, network in self.players.items()
        }

    def loss(self, answers: torch.Tensor, label: float) -> torch.Tensor:
        labels = torch.full_like(answers, label)
        last = self.model.stacks[DISCRIMINATOR][-1]
        if last.activation.type == "sigmoid":
            return functional.binary_cross_entropy(answers, labels)
        return functional.binary_cross_entropy_with_logits(answers, labels)

    def fakes(self, latent: np.ndarray, x: torch.Tensor) -> torch.Tensor:
        return self.players[GENERATOR](torch.tensor(latent)).reshape(len(latent), *x.shape[1:])

    def discriminate(self, real: np.ndarray, latent: np.ndarray) -> float:
        x, judge = torch.tensor(real), self.players[DISCRIMINATOR]
        fakes = self.fakes(latent, x).detach()
        loss = self.loss(judge(x), self.model.training.real_label) + self.loss(judge(fakes), 0.0)
        return self.descend(DISCRIMINATOR, loss)

    def generate(self, real: np.ndarray, latent: np.ndarray) -> float:
        answers = self.players[DISCRIMINATOR](self.fakes(latent, torch.tensor(real)))
        saturating = self.model.training.saturating
        loss = -self.loss(answers, 0.0) if saturating else self.loss(answers, 1.0)
        return self.descend(GENERATOR, loss)

    def penalty(self, player: str) -> torch.Tensor:
        """What a player's own weights cost."""
        training = self.model.training
        weights = [p for n, p in self.players[player].named_parameters() if n.endswith("weight")]
        return sum(training.l1 * w.abs().sum() + training.l2 / 2 * (w**2).sum() for w in weights)

    def descend(self, player: str, loss: torch.Tensor) -> float:
        loss = loss + self.penalty(player)
        self.optimizers[player].zero_grad()
        loss.backward()
        training = self.model.training
        if training.clip_norm is not None:
            torch.nn.utils.clip_grad_norm_(self.players[player].parameters(), training.clip_norm)
        self.optimizers[player].step()
        return float(loss.detach())

    def scheduled(self, epoch: int) -> None:
        schedule = self.model.training.schedule
        if schedule is not None:
            for name, optimizer in self.optimizers.items():
                own = getattr(self.model, name).optimizer or self.model.training.optimizer
                for group in optimizer.param_groups:
                    group["lr"] = schedule.rate(own.lr, epoch, self.model.training.epochs)

    def check(self, player: str) -> None:
        """The parameters of a player are ours."""
        ours = parameters_of(self.trainer.state)
        for name, tensor in self.players[player].named_parameters():
            own = ours[name.replace(f"{player}_", f"{player}.")]
            np.testing.assert_allclose(
                own, tensor.detach().numpy(), rtol=self.tolerance, atol=self.tolerance, err_msg=name
            )

    def check_gradients(self, player: str, step: int) -> None:
        memory = self.trainer.memory(step)
        clip = self.model.training.clip_norm
        for name, tensor in self.players[player].named_parameters():
            ours = name.replace(f"{player}_", f"{player}.") + ".grad"
            found = memory.public(ours + "_clipped" if clip else ours)
            np.testing.assert_allclose(
                found, tensor.grad.numpy(), rtol=self.tolerance, atol=self.tolerance, err_msg=ours
            )


def turns(trainer: Trainer, step: int, other: Opponents) -> None:
    """One step of both, compared after every turn."""
    play: dict[str, Callable[[np.ndarray, np.ndarray], float]] = {
        DISCRIMINATOR: other.discriminate,
        GENERATOR: other.generate,
    }
    memory = trainer.memory(step)
    done = 0
    for objective in trainer.program.objectives:
        player = objective.loss.partition(".")[0]
        following = [o.first for o in trainer.program.objectives if o.first > objective.first]
        end = min(following, default=len(trainer.program.ops) + 1) - 1
        trainer.run_ops(step, done + 1, end)
        done = end
        latent = "generator.latent" + (".frozen" if player == DISCRIMINATOR else "")
        expected = play[player](memory.public("x").copy(), memory.public(latent).copy())

        assert float(memory.public(objective.loss)) == pytest.approx(expected, rel=other.tolerance)
        other.check_gradients(player, step)
        other.check(player)


@pytest.mark.parametrize("name", COMPARED)
def test_both_players_learn_as_in_pytorch(name: str) -> None:
    trainer = Trainer(*GANS[name])
    other = Opponents(trainer, COARSE.get(name, TOLERANCE))
    for step in range(1, STEPS + 1):
        other.scheduled((step - 1) // trainer.steps_per_epoch)
        turns(trainer, step, other)
    statistics = parameters_of(trainer.state)
    for player, network in other.players.items():
        for buffer, tensor in network.named_buffers():
            if not buffer.endswith("num_batches_tracked"):
                ours = statistics[buffer.replace(f"{player}_", f"{player}.")]
                np.testing.assert_allclose(ours, tensor.numpy(), rtol=TOLERANCE)


def test_the_loop_tells_a_wrong_discriminator() -> None:
    """The comparison is no formality: it fails where D's label is another."""
    model, data = gan(real_label=0.9), points()
    trainer = Trainer(model, data)
    other = Opponents(trainer)
    other.model = gan(real_label=1.0)

    with pytest.raises(AssertionError):
        turns(trainer, 1, other)


def test_batch_norm_sees_real_and_fake_apart() -> None:
    model = gan(maker(), judge("sigmoid", BatchNorm(name="n")), batch_size=4)
    program = Trainer(model, points(8)).program

    assert program.find("discriminator.n.mean") is not None
    assert program.find("discriminator.n.fake.mean") is not None
