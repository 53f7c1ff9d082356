"""The paper's augmentations, each with probability 0.5, on batches of bytes; gray values by one look-up table an image."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

PROBABILITY = 0.5
BRIGHTNESS = CONTRAST = 0.2
GAMMA = (0.8, 1.2)
TONE = 0.1
CLAHE_CLIP = (0.3, 1.0)
CLAHE_TILES = 8


def _chance(random: np.random.Generator) -> bool:
    return random.random() < PROBABILITY


def tone_table(random: np.random.Generator) -> np.ndarray:
    """One look-up table for brightness and contrast, gamma and a tone curve: three point operations in one pass."""
    x = np.arange(256) / 255.0
    if _chance(random):
        contrast = 1 + random.uniform(-CONTRAST, CONTRAST)
        x = np.clip((x - 0.5) * contrast + 0.5 + random.uniform(-BRIGHTNESS, BRIGHTNESS), 0, 1)
    if _chance(random):
        x = x ** random.uniform(*GAMMA)
    if _chance(random):
        # A cubic Bézier through (0, 0) and (1, 1) whose inner handles are jittered.
        low, high = 0.25 + random.normal(0, TONE), 0.75 + random.normal(0, TONE)
        x = np.clip(3 * (1 - x) ** 2 * x * low + 3 * (1 - x) * x**2 * high + x**3, 0, 1)
    return np.round(x * 255).astype(np.uint8)


def clahe(image: np.ndarray, clip: float, tiles: int = CLAHE_TILES) -> np.ndarray:
    """Contrast-limited adaptive histogram equalisation (Zuiderveld 1994) of a square uint8 image, clip as in OpenCV."""
    side = image.shape[0] // tiles
    used = image[: side * tiles, : side * tiles]
    blocks = used.reshape(tiles, side, tiles, side).swapaxes(1, 2).reshape(tiles * tiles, -1)
    offsets = (np.arange(tiles * tiles) * 256)[:, None]
    histogram = np.bincount((blocks + offsets).ravel(), minlength=tiles * tiles * 256).reshape(-1, 256).astype(float)
    limit = max(1.0, clip * side * side / 256)
    excess = np.maximum(histogram - limit, 0).sum(axis=1, keepdims=True)
    histogram = np.minimum(histogram, limit) + excess / 256
    tables = (np.cumsum(histogram, axis=1) * (255.0 / (side * side))).reshape(tiles, tiles, 256)
    # Bilinear mix of the four nearest tiles' tables.
    position = np.clip((np.arange(image.shape[0]) + 0.5) / side - 0.5, 0, tiles - 1)
    first = np.minimum(position.astype(int), tiles - 2)
    weight = position - first
    fy, fx = weight[:, None], weight[None, :]
    ty, tx = first[:, None], first[None, :]
    mixed = (tables[ty, tx, image] * (1 - fx) + tables[ty, tx + 1, image] * fx) * (1 - fy) + (
        tables[ty + 1, tx, image] * (1 - fx) + tables[ty + 1, tx + 1, image] * fx
    ) * fy
    return np.clip(np.round(mixed), 0, 255).astype(np.uint8)


def tone(random: np.random.Generator, clahe_share: float = PROBABILITY) -> Callable[[np.ndarray], np.ndarray]:
    """One change of gray values: the same for every uint8 image (S, S) that it is given."""
    table = tone_table(random)
    clip = random.uniform(*CLAHE_CLIP) if random.random() < clahe_share else None
    return lambda image: table[image] if clip is None else clahe(table[image], clip)


def turn(image: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Flips, a quarter turn and a transposition, each or not."""
    if _chance(random):
        image = image[:, ::-1]
    if _chance(random):
        image = image[::-1]
    if _chance(random):
        image = np.rot90(image)
    if _chance(random):
        image = image.T
    return image


def augment(batch: np.ndarray, random: np.random.Generator, clahe_share: float = PROBABILITY) -> np.ndarray:
    """Augments uint8 images (N, S, S); the input is left as it is."""
    out = np.empty_like(batch)
    for i, original in enumerate(batch):
        out[i] = turn(tone(random, clahe_share)(original), random)
    return out
