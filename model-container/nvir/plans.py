"""How long and at which size to train: the paper's plan, and one that two cores finish in about an hour."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Phase:
    """Some epochs at one image side. Learning rates are the peak of a one-cycle schedule, or constant for the paper's."""

    side: int
    epochs: int
    learning_rate: float
    batch: int = 32
    dropout: float = 0.3


@dataclass(frozen=True)
class Plan:
    phases: tuple[Phase, ...]
    one_cycle: bool
    mixed_precision: bool
    clahe_share: float


PLANS = {
    # Section 2 of the paper; meant for ImageNet weights and a GPU.
    "paper": Plan((Phase(256, 150, 1e-4),), one_cycle=False, mixed_precision=True, clahe_share=0.5),
    # From scratch: small images first, where an epoch costs a quarter, then the real size. The last phase drops nothing:
    # dropout in a narrow regression head shrinks the range of predictions once it is switched off for inference.
    "cpu": Plan((Phase(128, 9, 1.5e-3), Phase(256, 5, 4e-4, dropout=0.0)), one_cycle=True, mixed_precision=True, clahe_share=0.25),
    # For questions that need many trainings (`python -m nvir holdout`): about six minutes of one core for 65 plates of 52 images.
    "small": Plan((Phase(64, 4, 1.5e-3), Phase(128, 2, 8e-4, dropout=0.0)), one_cycle=True, mixed_precision=True, clahe_share=0.25),
    "smoke": Plan((Phase(64, 1, 1e-3), Phase(96, 1, 5e-4)), one_cycle=True, mixed_precision=False, clahe_share=0.5),
}


def recipe_of(checkpoint: dict[str, Any]) -> Plan:
    """The plan that a checkpoint was trained by. Old checkpoints kept only its name."""
    kept = checkpoint.get("recipe")
    if kept is None:
        return PLANS[checkpoint["plan"]]
    return Plan(**{**kept, "phases": tuple(Phase(**phase) for phase in kept["phases"])})
