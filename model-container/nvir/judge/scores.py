"""How close predictions are to the truth, with intervals from resampled plates."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy.stats import rankdata

RANGES = ((-1.0, 0.25), (0.25, 0.5), (0.5, 0.75), (0.75, 2.0))
RESAMPLES = 1000


def scores(truth: np.ndarray, predicted: np.ndarray) -> dict[str, float]:
    """R², mean absolute error, bias, Spearman's correlation, and the slope of truth over prediction (1 = calibrated)."""
    residual = predicted - truth
    spread = truth - truth.mean()
    return {
        "r2": 1 - _ratio(float((residual**2).sum()), float((spread**2).sum())),
        "mae": float(np.abs(residual).mean()),
        "bias": float(residual.mean()),
        "spearman": _correlation(rankdata(predicted), rankdata(truth)),
        "slope": _slope(predicted, truth),
    }


def with_intervals(truth: np.ndarray, predicted: np.ndarray, plates: np.ndarray, seed: int = 0) -> dict:
    """Scores, and 95 % percentile intervals over resampled plates: wells of a plate share its errors and are no evidence alone."""
    names = np.unique(plates)
    members = [np.flatnonzero(plates == name) for name in names]
    found = {"n": int(len(truth)), "plates": int(len(names)), **scores(truth, predicted)}
    if len(names) < 2:
        return found
    random = np.random.default_rng(seed)
    draws = []
    for _ in range(RESAMPLES):
        rows = np.concatenate([members[i] for i in random.integers(0, len(names), len(names))])
        draws.append(list(scores(truth[rows], predicted[rows]).values()))
    low, high = _quantiles(np.array(draws))
    measures = list(scores(truth, predicted))
    return found | {"interval95": {name: [float(low[i]), float(high[i])] for i, name in enumerate(measures)}}


def _quantiles(draws: np.ndarray) -> np.ndarray:
    """2.5 % and 97.5 % of each column; of the draws that have a number, and none where no draw has."""
    has = np.isfinite(draws).any(axis=0)
    found = np.full((2, draws.shape[1]), np.nan)
    found[:, has] = np.nanquantile(draws[:, has], (0.025, 0.975), axis=0)
    return found


def by_group(truth: np.ndarray, predicted: np.ndarray, plates: np.ndarray, groups: np.ndarray) -> dict[str, dict]:
    """Scores with intervals of each group."""
    parts = {str(name): groups == name for name in np.unique(groups)}
    return {name: with_intervals(truth[part], predicted[part], plates[part]) for name, part in parts.items()}


def by_range(truth: np.ndarray, measure: Callable[[np.ndarray], dict]) -> list[dict]:
    """A measure by true viability: a mean over a lopsided set hides the middle."""
    parts = []
    for low, high in RANGES:
        inside = (truth >= low) & (truth < high)
        if inside.any():
            parts.append({"from": low, "to": high, "n": int(inside.sum()), **measure(inside)})
    return parts


def _ratio(part: float, whole: float) -> float:
    return part / whole if whole > 0 else float("nan")


def _correlation(a: np.ndarray, b: np.ndarray) -> float:
    a, b = a - a.mean(), b - b.mean()
    return _ratio(float((a * b).sum()), float(np.sqrt((a**2).sum() * (b**2).sum())))


def _slope(x: np.ndarray, y: np.ndarray) -> float:
    x = x - x.mean()
    return _ratio(float((x * (y - y.mean())).sum()), float((x**2).sum()))
