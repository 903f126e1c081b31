"""Learning-rate schedules: PyTorch's numbers, and numbers anyone can check."""

from __future__ import annotations

from typing import Any

import pytest

from nntui.engine.schedules import SCHEDULES, Cosine, Exponential, Schedule, Step

EPOCHS = 20


def rates(schedule: Schedule, base: float = 0.1, count: int = EPOCHS) -> list[float]:
    return [schedule.rate(base, t, EPOCHS) for t in range(count)]


def test_step_divides_by_ten_every_three() -> None:
    assert rates(Step(step_size=3), count=7) == pytest.approx([0.1] * 3 + [0.01] * 3 + [0.001])


def test_exponential_halves() -> None:
    assert rates(Exponential(gamma=0.5), count=4) == pytest.approx([0.1, 0.05, 0.025, 0.0125])


def test_cosine_goes_from_base_to_the_least_over_the_run() -> None:
    schedule = Cosine(eta_min=0.02)

    assert schedule.rate(0.1, 0, EPOCHS) == pytest.approx(0.1)
    assert schedule.rate(0.1, EPOCHS // 2, EPOCHS) == pytest.approx(0.06)
    assert schedule.rate(0.1, EPOCHS, EPOCHS) == pytest.approx(0.02)


def test_cosine_goes_up_again_after_t_max() -> None:
    schedule = Cosine(t_max=5)

    assert schedule.rate(0.1, 5, EPOCHS) == pytest.approx(0)
    assert schedule.rate(0.1, 10, EPOCHS) == pytest.approx(0.1)


def test_cosine_of_a_run_without_epochs_starts_at_base() -> None:
    assert Cosine().rate(0.1, 0, 0) == pytest.approx(0.1)


@pytest.mark.parametrize(
    ("schedule", "name", "options"),
    [
        (Step(step_size=3, gamma=0.4), "StepLR", {"step_size": 3, "gamma": 0.4}),
        (Exponential(gamma=0.9), "ExponentialLR", {"gamma": 0.9}),
        (Cosine(), "CosineAnnealingLR", {"T_max": EPOCHS}),
        (Cosine(t_max=7, eta_min=0.01), "CosineAnnealingLR", {"T_max": 7, "eta_min": 0.01}),
    ],
)
def test_rates_are_pytorchs(schedule: Schedule, name: str, options: dict[str, Any]) -> None:
    torch = pytest.importorskip("torch")
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.1)
    reference = getattr(torch.optim.lr_scheduler, name)(optimizer, **options)
    expected = []
    for _ in range(EPOCHS):
        expected.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        reference.step()

    assert rates(schedule) == pytest.approx(expected, rel=1e-12, abs=1e-17)


def test_every_schedule_has_a_formula() -> None:
    assert all(schedule.formula.startswith("η = ") for schedule in SCHEDULES.values())
