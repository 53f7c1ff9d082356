"""A labelled set on disk (`images.npy`, `index.csv`) and its labels: ATP over the median ATP of the plate's untreated wells."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np

UNTREATED = "medium"


@dataclass(frozen=True)
class LabelledSet:
    """`images` uint8 (N, 256, 256), memory-mapped; `rows` the index; `labels` and `truth` float32 (N,)."""

    images: np.ndarray
    rows: list[dict[str, str]]
    labels: np.ndarray
    truth: np.ndarray

    def of_split(self, split: str) -> np.ndarray:
        """Row numbers of a split."""
        return np.array([i for i, row in enumerate(self.rows) if row["split"] == split], dtype=np.int64)


def plate_read(row: dict[str, str]) -> tuple[str, ...]:
    """What shares one control median: location, microscope, study, plate and day."""
    return tuple(row[name] for name in ("location", "microscope", "study", "plate", "day"))


def normalise_atp(rows: list[dict[str, str]]) -> np.ndarray:
    """ATP over the median of the untreated wells of the same plate read; a plate read without any is an error."""
    atp = np.array([float(row["atp_rlu"]) for row in rows])
    reads: dict[tuple[str, ...], list[int]] = {}
    for i, row in enumerate(rows):
        reads.setdefault(plate_read(row), []).append(i)
    labels = np.empty(len(rows), dtype=np.float32)
    for read, members in reads.items():
        controls = [i for i in members if rows[i]["compound"] == UNTREATED]
        if not controls:
            raise ValueError(f"plate read {'/'.join(read)} has no {UNTREATED} wells: add them or leave the plate out")
        labels[members] = atp[members] / np.median(atp[controls])
    return labels


def load(folder: Path) -> LabelledSet:
    """Reads a labelled set and checks that images and index belong together."""
    index = folder / "index.csv"
    if not index.exists():
        raise SystemExit(f"{index} is not there: make a labelled set first (`python -m nvir data --help`)")
    with index.open(newline="") as file:
        rows = sorted(csv.DictReader(file), key=lambda row: int(row["row"]))
    images = np.load(folder / "images.npy", mmap_mode="r")
    if len(rows) != len(images):
        raise SystemExit(f"{folder}: {len(rows)} rows in index.csv but {len(images)} images: write the set again")
    truth = np.array([float(row["viability_true"]) for row in rows], dtype=np.float32)
    return LabelledSet(images, rows, normalise_atp(rows), truth)
