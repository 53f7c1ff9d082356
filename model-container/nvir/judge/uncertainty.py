"""Whether 90 % intervals cover 90 %, and what is told to lie outside the model's domain."""

from __future__ import annotations

import numpy as np

from .scores import by_range
from .sessions import Said


def coverage(said: Said, labels: np.ndarray, truth: np.ndarray) -> dict:
    """Share of labels (and of the truth, where it is known) inside the interval, mean width, share flagged."""
    half, viability = said.half_width_90, said.viability
    found = {
        "n": int(len(labels)),
        "of_labels": float((np.abs(labels - viability) <= half).mean()),
        "mean_width": float(2 * half.mean()),
        "flagged": float((said.domain_distance > 1).mean()),
        "median_distance": float(np.median(said.domain_distance)),
    }
    return found if np.isnan(truth).any() else found | {"of_truth": float((np.abs(truth - viability) <= half).mean())}


def part_of(said: Said, part: np.ndarray) -> Said:
    """What was said of some of the images."""
    return Said(*(None if column is None else column[part] for column in said))


def judged(said: Said, labels: np.ndarray, truth: np.ndarray, domains: np.ndarray) -> dict:
    """Coverage in all, by domain, and by range of what is judged by."""

    def of(part: np.ndarray) -> dict:
        return coverage(part_of(said, part), labels[part], truth[part])

    reference = labels if np.isnan(truth).any() else truth
    return {
        "all": of(np.ones(len(labels), bool)),
        "by_domain": {str(name): of(domains == name) for name in np.unique(domains)},
        "by_viability": by_range(reference, of),
    }


def no_spheroids(images: np.ndarray, drawn: int = 60, seed: int = 0) -> dict[str, np.ndarray]:
    """Pictures (uint8, N × 256 × 256) that a model of spheroids should not judge: `drawn` of each kind, and some made of real inputs."""
    random = np.random.default_rng(seed)
    gray = random.uniform(30, 230, (drawn, 1, 1))
    noise = random.normal(0, 3, (drawn, 256, 256))
    ramp = np.linspace(-1, 1, 256)[None, None, :] * random.uniform(-60, 60, (drawn, 1, 1))
    made = {"blank field": gray + noise, "uneven blank field": gray + ramp + noise, "noise": random.uniform(0, 256, (drawn, 256, 256))}
    enlarged = np.repeat(np.repeat(images[:, 64:192, 64:192], 2, axis=1), 2, axis=2)
    return {name: values.clip(0, 255).astype(np.uint8) for name, values in made.items()} | {
        "inverted": 255 - images,
        "magnified twice": enlarged,
    }
