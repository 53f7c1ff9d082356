"""How much of a line's microscope do half widths hold? Repeats the table of docs/decisions/0017.

python -m experiments.recalibrated_widths
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from nvir.calibration import covering
from nvir.recalibrate import width_factor

ERROR, BRIDGES, PLATES, WELLS, FURTHER = 0.07, 300, 5, 24, 2000
RULES = ("width × slope", "kept below 1", "with the least width")


def labels_of(truth: np.ndarray, random: np.random.Generator, control: float) -> np.ndarray:
    """ATP labels, of plates (or wells) whose control errs by `control`."""
    of_plate = 1 + control * random.normal(size=(len(truth), *(1 for _ in truth.shape[1:])))
    return truth * of_plate * (1 + 0.12 * random.normal(size=truth.shape)) + 0.02 * random.normal(size=truth.shape)


def stretched(truth: np.ndarray, slope: float) -> np.ndarray:
    return (truth - 0.5) / slope + 0.5


# How a microscope reads viabilities, whose line then has about the slope asked for.
READINGS: dict[str, Callable[[np.ndarray, float, np.random.Generator], np.ndarray]] = {
    "stretched with their error": lambda truth, slope, random: stretched(truth + ERROR * random.normal(size=truth.shape), slope),
    "stretched, error added": lambda truth, slope, random: stretched(truth, slope) + ERROR * random.normal(size=truth.shape),
    "noisier": lambda truth, slope, random: truth + np.sqrt((1 / slope - 1) / 12) * random.normal(size=truth.shape),
}


def covered(reads: Callable, slope: float, width: float, random: np.random.Generator) -> np.ndarray:
    """Of one bridge: its slope; by rule the share of further labels and of the truth inside; the least width over what else is served."""
    truth = random.uniform(0, 1, (PLATES, WELLS))
    read, labels = reads(truth, slope, random), labels_of(truth, random, 0.03)
    residuals = []
    for left in range(PLATES):
        others = np.arange(PLATES) != left
        fitted, intercept = np.polyfit(read[others].ravel(), labels[others].ravel(), 1)
        residuals.append(np.abs(intercept + fitted * read[left] - labels[left]))
    fitted, intercept = np.polyfit(read.ravel(), labels.ravel(), 1)
    truth = random.uniform(0, 1, FURTHER)
    said, labels = intercept + fitted * reads(truth, slope, random), labels_of(truth, random, 0.03)
    kept = width * width_factor(fitted)
    widths = (width * fitted, kept, max(kept, covering(np.concatenate(residuals))))
    return np.array([fitted, *(np.mean(np.abs(said - what) <= w) for w in widths for what in (labels, truth)), widths[2] / kept])


def main() -> None:
    random = np.random.default_rng(1)
    truth = random.uniform(0, 1, 20_000)
    width = covering(np.abs(truth + ERROR * random.normal(size=truth.shape) - labels_of(truth, random, 0.0)))
    for name, reads in READINGS.items():
        for slope in (0.5, 0.7, 0.8) if name == "noisier" else (0.5, 0.7, 0.8, 1.25, 2.0):
            line, *inside, wider = np.mean([covered(reads, slope, width, random) for _ in range(BRIDGES)], axis=0)
            told = ", ".join(f"{rule} {atp:.2f} ({of:.2f})" for rule, atp, of in zip(RULES, inside[::2], inside[1::2], strict=True))
            print(f"{name}, slope {line:.2f}: labels (truth) inside: {told}; least width {wider:.2f} × the kept")


if __name__ == "__main__":
    main()
