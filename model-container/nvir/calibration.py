"""How far a number may be off, and whether the picture is one that the model can judge at all.

Distance: Mahalanobis distance of an image's 512 features to the nearest training domain, with the covariance within domains (Lee
et al. 2018, 10.48550/arXiv.1807.03888), divided by the 99th percentile of known-domain images that were not trained on.

Half width: split conformal (Lei et al. 2018, 10.1080/01621459.2017.1307116). The spread of residuals by predicted viability, times
a factor that grows with the distance, times a scale. Spread and distance are measured on validation images of known domains; scale and
growth on domains that a model of the same kind never trained on (`holdout.py`), for a lab's next microscope is the case that counts.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import torch
from torch import nn

from .network import NViR

COVERAGE = 0.9
KNOTS = (0.0, 0.25, 0.5, 0.75, 1.0)
# Images to each side of a knot that its spread is taken from, in viability.
WINDOW = 0.2
# Share of the mean variance that every direction gets: directions that the training images hardly use must not divide by nothing.
SHRINKAGE = 0.03
KNOWN_QUANTILE = 0.99
# Fewer images within or beyond the known distance say nothing of how errors are there.
MINIMUM_REACH = 50
# Residuals of nothing are of images that the model knows by heart; nothing must be divided by them.
SMALLEST_SPREAD = 1e-3


def covering(values: np.ndarray) -> float:
    """The value that covers a further one with 90 %: of rank ⌈0.9 (n + 1)⌉, which few values need more than their quantile.

    Fewer than nine cannot promise that; their largest is taken. Values of a plate count as if each were independent, which
    they are not: a set of few plates covers less than it says.
    """
    return float(np.sort(values)[min(len(values), math.ceil(COVERAGE * (len(values) + 1))) - 1])


@dataclass(frozen=True)
class Domain:
    """Where training images lie: `whitening` (512, K), `centres` (D, K) of the whitened domains, `unit` the known distance."""

    whitening: np.ndarray
    centres: np.ndarray
    unit: float

    def distance(self, features: np.ndarray) -> np.ndarray:
        """Distances (N,) of features (N, 512); 1 = the 99th percentile of known-domain images."""
        white = features.astype(np.float64) @ self.whitening
        return np.sqrt(((white[:, None, :] - self.centres) ** 2).sum(axis=2).min(axis=1)) / self.unit


@dataclass(frozen=True)
class Spread:
    """90 % quantile of absolute residuals at `KNOTS` of predicted viability, linear between them, constant beyond."""

    at_knots: np.ndarray

    def of(self, viability: np.ndarray) -> np.ndarray:
        """Spread (N,) of predicted viabilities (N,)."""
        return np.interp(viability, KNOTS, self.at_knots)


@dataclass(frozen=True)
class Reach:
    """What the spread is multiplied by: `scale`, and `growth` for each unit of distance beyond the known."""

    scale: float
    growth: float

    def factor(self, distance: np.ndarray) -> np.ndarray:
        """Factor (N,) at distances (N,)."""
        return self.scale * (1 + self.growth * np.maximum(distance - 1, 0))


@dataclass(frozen=True)
class Calibration:
    """`shared` (5,): at `KNOTS`, the share of a half width that all images of a domain share; None where no domain was held out."""

    domain: Domain
    spread: Spread
    reach: Reach
    shared: np.ndarray | None = None


def fit_domain(features: np.ndarray, domains: np.ndarray, known: np.ndarray) -> Domain:
    """From features (N, 512) of training images with their domains (N,), and of known-domain images not trained on (M, 512)."""
    names = sorted(set(domains))
    means = np.stack([features[domains == name].mean(axis=0, dtype=np.float64) for name in names])
    within = features - means[np.searchsorted(names, domains)]
    covariance = within.T @ within / len(within)
    size = len(covariance)
    shrunk = (1 - SHRINKAGE) * covariance + SHRINKAGE * np.trace(covariance) / size * np.eye(size)
    values, vectors = np.linalg.eigh(shrunk)
    whitening = vectors / np.sqrt(values)
    raw = Domain(whitening, means @ whitening, 1.0)
    return Domain(whitening, raw.centres, float(np.quantile(raw.distance(known), KNOWN_QUANTILE)))


def fit_spread(viability: np.ndarray, labels: np.ndarray) -> Spread:
    """From predictions and labels (N,) of known-domain images that were not trained on."""
    residual = np.abs(viability - labels)
    inside = np.clip(viability, KNOTS[0], KNOTS[-1])
    near = [np.abs(inside - knot) <= WINDOW for knot in KNOTS]
    return Spread(np.array([max(covering(residual[part] if part.sum() >= 20 else residual), SMALLEST_SPREAD) for part in near]))


def fit_reach(score: np.ndarray, distance: np.ndarray) -> Reach:
    """From residuals over spreads (N,) and distances (N,) on domains not trained on: 90 % are covered within the known distance,
    and 90 % beyond it. With few images on a side that side says nothing by itself: the scale is then that of all."""
    near = distance <= 1
    beyond = ~near
    enough = min(near.sum(), beyond.sum()) >= MINIMUM_REACH
    scale = max(covering(score[near] if enough else score), SMALLEST_SPREAD)
    if beyond.sum() < MINIMUM_REACH:
        return Reach(scale, 0.0)
    needed = (score[beyond] / scale - 1) / (distance[beyond] - 1)
    return Reach(scale, max(0.0, covering(needed)))


class Calibrated(nn.Module):
    """Images (N, 256, 256) to viability, half width of its 90 % interval, domain distance and, where it is known, the part of the
    half width that all images of a domain share, each (N,)."""

    def __init__(self, model: NViR, calibration: Calibration) -> None:
        super().__init__()
        self.model = model
        domain, reach = calibration.domain, calibration.reach
        self.register_buffer("whitening", torch.tensor(domain.whitening / domain.unit, dtype=torch.float32))
        self.register_buffer("centres", torch.tensor(domain.centres / domain.unit, dtype=torch.float32))
        self.spread, self.shared = calibration.spread.at_knots, calibration.shared
        self.scale, self.growth = reach.scale, reach.growth
        self.outputs = ("viability", "half_width_90", "domain_distance", *(() if self.shared is None else ("shared_half_width_90",)))

    def forward(self, images: torch.Tensor) -> tuple[torch.Tensor, ...]:
        features = self.model.features(images)
        viability = self.model.regression_head(features).squeeze(1)
        away = (features @ self.whitening).unsqueeze(1) - self.centres
        distance = torch.sqrt((away * away).sum(dim=2).min(dim=1).values)
        half_width = _interpolated(viability, self.spread) * self.scale * (1 + self.growth * torch.relu(distance - 1))
        said = viability, half_width, distance
        return said if self.shared is None else (*said, half_width * _interpolated(viability, self.shared))


def _interpolated(viability: torch.Tensor, at_knots: np.ndarray) -> torch.Tensor:
    """As `np.interp` between `KNOTS`. No tensor is made from a shape: servers that run the graph by themselves need not know how."""
    slopes = np.diff(at_knots) / np.diff(KNOTS)
    steps = zip(KNOTS, KNOTS[1:], map(float, slopes), strict=False)
    return sum(slope * (viability.clamp(low, high) - low) for low, high, slope in steps) + float(at_knots[0])
