"""Augmentations keep pictures pictures: same shape, same type, geometry only permutes pixels."""

import numpy as np

from nvir.augment import augment, clahe, tone_table


def test_same_seed_same_pictures() -> None:
    batch = np.random.default_rng(0).integers(0, 256, (4, 64, 64)).astype(np.uint8)
    first, second = (augment(batch, np.random.default_rng(7)) for _ in range(2))
    assert np.array_equal(first, second)
    assert first.shape == batch.shape
    assert first.dtype == np.uint8


def test_the_original_is_left_as_it_is() -> None:
    batch = np.full((2, 64, 64), 99, np.uint8)
    augment(batch, np.random.default_rng(1))
    assert (batch == 99).all()


def test_tone_never_reverses_gray() -> None:
    for seed in range(200):
        assert (np.diff(tone_table(np.random.default_rng(seed)).astype(int)) >= 0).all()


def test_clahe_raises_local_contrast_and_keeps_a_flat_picture_flat() -> None:
    random = np.random.default_rng(2)
    dim = random.normal(100, 4, (64, 64)).clip(0, 255).astype(np.uint8)
    assert clahe(dim, 4.0).std() > dim.std()
    assert np.ptp(clahe(np.full((64, 64), 80, np.uint8), 1.0)) <= 1
