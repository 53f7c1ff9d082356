"""The classic baseline: area, mean gray, gradients and texture of a picture, with boosted trees."""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor

import numpy as np
from sklearn.ensemble import HistGradientBoostingRegressor

from .augment import augment

LEVELS = 16


def features(image: np.ndarray) -> list[float]:
    """23 numbers of a uint8 image (256, 256), relative to its background."""
    background = float(np.median(image)) + 1.0
    x = image.astype(np.float32) / background
    dy, dx = np.diff(x, axis=0)[:, 1:], np.diff(x, axis=1)[1:]
    gradient = np.hypot(dx, dy)
    dark = x < 0.85
    return [
        background,
        *(float(np.mean(x < level)) for level in (0.3, 0.5, 0.7, 0.85, 0.95)),
        float(x.mean()),
        float(x.std()),
        float(x[dark].mean()) if dark.any() else 1.0,
        float(x[dark].std()) if dark.any() else 0.0,
        float(gradient.mean()),
        *(float(q) for q in np.quantile(gradient, (0.5, 0.9, 0.99))),
        float(gradient[dark[1:, 1:]].mean()) if dark[1:, 1:].any() else 0.0,
        *texture(image),
    ]


def texture(image: np.ndarray) -> list[float]:
    """Haralick's contrast, homogeneity, energy and correlation of gray-level co-occurrence, at distances 1 and 4."""
    quantised = (image // (256 // LEVELS)).astype(np.int64)
    values: list[float] = []
    for distance in (1, 4):
        pairs = quantised[:, :-distance] * LEVELS + quantised[:, distance:]
        p = np.bincount(pairs.ravel(), minlength=LEVELS * LEVELS).reshape(LEVELS, LEVELS).astype(float)
        p = (p + p.T) / (2 * p.sum())
        i, j = np.indices(p.shape)
        mean = float((i * p).sum())
        variance = float(((i - mean) ** 2 * p).sum()) + 1e-9
        values += [
            float(((i - j) ** 2 * p).sum()),
            float((p / (1 + np.abs(i - j))).sum()),
            float((p**2).sum()),
            float(((i - mean) * (j - mean) * p).sum() / variance),
        ]
    return values


def table(images: np.ndarray) -> np.ndarray:
    """Features (N, F) of uint8 images (N, 256, 256), on all cores."""
    with ProcessPoolExecutor() as pool:
        return np.array(list(pool.map(features, images, chunksize=64)))


def augmented_table(images: np.ndarray, clahe_share: float, seed: int = 0) -> np.ndarray:
    """Features of one copy of every image, augmented exactly as NViR's training images are."""
    random = np.random.default_rng(seed)
    step = 256
    return np.concatenate([table(augment(images[i : i + step], random, clahe_share)) for i in range(0, len(images), step)])


def fit(features_of_images: np.ndarray, labels: np.ndarray) -> HistGradientBoostingRegressor:
    """Boosted trees on a table of features."""
    return HistGradientBoostingRegressor(random_state=0).fit(features_of_images, labels)
