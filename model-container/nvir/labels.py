"""A labelled set on disk (`images.npy`, `index.csv`) and its labels: ATP over the median ATP of the plate's untreated wells.

Written by `nvir dataset` from a lab's plates, or by `simulation/training-set.ts`, which also knows the truth.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from .dataset_digest import set_digest
from .set_files import SPLITS, open_images, read_index

UNTREATED = "medium"


@dataclass(frozen=True)
class LabelledSet:
    """`images` uint8 (N, 256, 256), memory-mapped; `rows` the index; `labels` and `truth` float32 (N,).

    `truth` is NaN where nobody knows it: only a simulation does. `digest` tells one set from another, see `set_digest`; empty
    where it was not read from a folder.
    """

    images: np.ndarray
    rows: list[dict[str, str]]
    labels: np.ndarray
    truth: np.ndarray
    digest: str = ""

    def of_split(self, split: str) -> np.ndarray:
        """Row numbers of a split."""
        return np.array([i for i, row in enumerate(self.rows) if row["split"] == split], dtype=np.int64)

    @property
    def simulated(self) -> bool:
        """Whether any of it was drawn: an index names the rendering mechanism of such images, and none for real plates."""
        return any(row.get("mechanism") for row in self.rows)

    def reference(self, rows: np.ndarray) -> tuple[np.ndarray, str]:
        """What predictions of these rows are judged by: ("truth") where it is known of all of them, else the ("labels")."""
        known = len(rows) > 0 and not np.isnan(self.truth[rows]).any()
        return (self.truth[rows], "truth") if known else (self.labels[rows], "labels")


def plate_read(row: dict[str, str]) -> tuple[str, ...]:
    """What shares one control median: location, microscope, study, plate and day."""
    return tuple(row[name] for name in ("location", "microscope", "study", "plate", "day"))


def domain_of(row: dict[str, str]) -> str:
    """Location and microscope, as people say them."""
    return f"{row['location']} + {row['microscope']}"


def plate_of(row: dict[str, str]) -> tuple[str, ...]:
    """What is resampled, drawn and left out as one: a plate on its microscope, over all its days."""
    return tuple(row[name] for name in ("location", "microscope", "study", "plate"))


def normalise_atp(rows: list[dict[str, str]]) -> np.ndarray:
    """ATP over that of the plate read's control.

    `atp_control_rlu` says it where the set was made of plates: there the median is over wells, also those whose image was
    dropped. Without that column it is the median over the rows of the untreated wells; a plate read without any is an error.
    """
    atp = np.array([float(row["atp_rlu"]) for row in rows])
    control = np.array([float(row.get("atp_control_rlu") or "nan") for row in rows])
    reads: dict[tuple[str, ...], list[int]] = {}
    for i in np.flatnonzero(np.isnan(control)):
        reads.setdefault(plate_read(rows[i]), []).append(int(i))
    for read, members in reads.items():
        controls = [i for i in members if is_untreated(rows[i])]
        if not controls:
            raise ValueError(f"plate read {'/'.join(read)} has no {UNTREATED} wells: add them or leave the plate out")
        control[members] = np.median(atp[controls])
    if not (control > 0).all():
        raise ValueError(f"plate read {'/'.join(plate_read(rows[int(np.argmin(control > 0))]))}: its control has no ATP")
    return (atp / control).astype(np.float32)


def is_untreated(row: dict[str, str]) -> bool:
    """By role where the index says it: labs call their medium by many names."""
    return row["role"] == "untreated" if row.get("role") else row["compound"] == UNTREATED


def load(folder: Path) -> LabelledSet:
    """Reads a labelled set and checks that images and index belong together."""
    rows, images = read_index(folder / "index.csv"), open_images(folder / "images.npy")
    if len(rows) != len(images):
        raise SystemExit(f"{folder}: {len(rows)} rows in index.csv but {len(images)} images: write the set again")
    truth = np.array([float(row.get("viability_true") or "nan") for row in rows], dtype=np.float32)
    try:
        labels = normalise_atp(rows)
    except ValueError as error:
        raise SystemExit(f"{folder / 'index.csv'}: {error}") from None
    return LabelledSet(images, rows, labels, truth, set_digest(folder))


def check_splits(rows: list[dict[str, str]]) -> None:
    """Refuses a split that would flatter the model: by image, by plate, or with a held-out study or microscope seen in training."""
    seen: dict[tuple[str, str], set[tuple[str, ...]]] = {}
    dates: dict[tuple[str, tuple[str, ...]], set[str]] = {}
    for row in rows:
        domain = (row["location"], row["microscope"])
        split = row["split"]
        for name in ("plate", "batch", "study"):
            seen.setdefault((split, name), set()).add((*domain, row[name]))
        seen.setdefault((split, "domain"), set()).add(domain)
        # The same wells may stand on two microscopes of a location, as two studies of one batch.
        seen.setdefault((split, "batch of a location"), set()).add((row["location"], row["batch"]))
        dates.setdefault((split, domain), set()).add(row["date"])
    known = {split for split, _ in seen}
    if unknown := known - set(SPLITS):
        raise SystemExit(f"index.csv: split {sorted(unknown)[0]} is none of {', '.join(SPLITS)}")
    if missing := {"train", "validation"} - known:
        raise SystemExit(f"index.csv: no rows of split {sorted(missing)[0]}: the loss to stop by needs both train and validation")
    _disjoint(seen, "train", "validation", "batch")
    for other in ("train", "validation"):
        _disjoint(seen, other, "test", "study")
        _disjoint(seen, other, "test", "batch of a location")
        _disjoint(seen, other, "unseen", "domain")
    for split, domain in sorted(dates):
        if split == "validation" and min(dates[split, domain]) <= max(dates.get(("train", domain), {""})):
            raise SystemExit(f"index.csv: validation of {' + '.join(domain)} is not later than its training batches")


def _disjoint(seen: dict[tuple[str, str], set[tuple[str, ...]]], one: str, other: str, name: str) -> None:
    if shared := seen.get((one, name), set()) & seen.get((other, name), set()):
        raise SystemExit(f"index.csv: {name} {'/'.join(sorted(shared)[0])} is in both {one} and {other}")


def describe(labelled: LabelledSet, say=print) -> None:
    """Counts and label ranges of every split, after the checks."""
    check_splits(labelled.rows)
    for split in ("train", "validation", "test", "unseen"):
        rows = labelled.of_split(split)
        if len(rows):
            domains = {(labelled.rows[i]["location"], labelled.rows[i]["microscope"]) for i in rows}
            reads = {plate_read(labelled.rows[i]) for i in rows}
            low, middle, high = np.quantile(labelled.labels[rows], (0, 0.5, 1))
            say(f"{split}: {len(rows)} images, microscopes: {len(domains)}, plate reads: {len(reads)}")
            say(f"  label {low:.2f} to {high:.2f}, median {middle:.2f}")
