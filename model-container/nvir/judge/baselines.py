"""What a model must beat: no model at all, and classic features with boosted trees."""

from __future__ import annotations

import hashlib
import zipfile
from pathlib import Path

import numpy as np
from sklearn.ensemble import HistGradientBoostingRegressor

from .. import classic
from ..labels import LabelledSet


def fit_baselines(labelled: LabelledSet, clahe_share: float, cache: Path, say=print) -> dict[str, HistGradientBoostingRegressor]:
    """The classic baseline on all training images: as they are, and with a copy augmented as NViR's are.

    Both, because only the second had the same help as the network; a baseline held back says nothing about the network.
    """
    rows = labelled.of_split("train")
    plain, augmented = training_tables(labelled, rows, clahe_share, cache, say)
    labels = labelled.labels[rows]
    return {
        "classic": classic.fit(plain, labels),
        "classic_augmented": classic.fit(np.concatenate([plain, augmented]), np.concatenate([labels, labels])),
    }


def training_tables(labelled: LabelledSet, rows: np.ndarray, clahe_share: float, cache: Path, say=print) -> tuple[np.ndarray, np.ndarray]:
    """Features (N, F) of training images and of their augmented copies, kept in `cache` for the next evaluation of this set."""
    kept, key = cache / "classic-features.npz", _key(labelled, rows, clahe_share)
    if found := _kept(kept, key):
        return found
    say(f"classic features of {2 * len(rows)} training images", flush=True)
    images = labelled.images[rows]
    plain, augmented = classic.table(images), classic.augmented_table(images, clahe_share)
    cache.mkdir(parents=True, exist_ok=True)
    unfinished = cache / "unfinished.npz"
    np.savez(unfinished, key=key, plain=plain, augmented=augmented)
    unfinished.replace(kept)
    return plain, augmented


def _key(labelled: LabelledSet, rows: np.ndarray, clahe_share: float) -> str:
    """Of the set, the rows in their order, and what they are augmented by."""
    pixels = labelled.images[rows[:: max(1, len(rows) // 64)]].mean()
    return f"{labelled.digest} {pixels} {clahe_share} {hashlib.sha256(rows.tobytes()).hexdigest()}"


def _kept(file: Path, key: str) -> tuple[np.ndarray, np.ndarray] | None:
    """None where there is nothing of this key, or nothing that can be read: it is made anew then."""
    try:
        with np.load(file) as found:
            return (found["plain"], found["augmented"]) if str(found["key"]) == key else None
    except (OSError, EOFError, ValueError, KeyError, zipfile.BadZipFile):
        return None


def mean_of_controls(labelled: LabelledSet) -> float:
    """Mean label of the training split's control wells, what a reader says of every well who does not look; NaN without any."""
    controls = [i for i in labelled.of_split("train") if labelled.rows[i]["role"] in ("untreated", "vehicle")]
    return float(labelled.labels[controls].mean()) if controls else float("nan")
