"""The two files of a labelled set, `index.csv` and `images.npy`: what is wrong with one ends the command with row, reason and remedy."""

from __future__ import annotations

import csv
import math
from collections import Counter
from pathlib import Path

import numpy as np

SIDE = 256
COLUMNS = ("row", "location", "microscope", "study", "plate", "batch", "date", "day", "compound", "split", "atp_rlu")
NUMBERS = ("day", "atp_rlu")
# Empty where nobody knows it.
NUMBERS_IF_SAID = ("atp_control_rlu", "viability_true")
SPLITS = ("train", "validation", "test", "unseen")
# Of a set that models are judged by, and never trained on.
JUDGED_BY = "pitfall"
AGAIN = "write the set again"


def read_index(file: Path) -> list[dict[str, str]]:
    """The rows in order of their numbers, which are 0 to N - 1; what must be a finite number is one."""
    if not file.exists():
        raise SystemExit(f"{file} is not there: make a labelled set first, see the README (`python -m nvir data` checks one)")
    try:
        with file.open(newline="", encoding="utf-8-sig") as lines:
            reader = csv.DictReader(lines)
            columns, rows = reader.fieldnames or (), list(reader)
    except (UnicodeDecodeError, csv.Error) as error:
        raise SystemExit(f"{file} is no CSV in UTF-8 ({error}): {AGAIN}") from None
    if len(columns) == 1 and ";" in columns[0]:
        raise SystemExit(f"{file} separates its columns by semicolons: save it with commas, or {AGAIN}")
    if missing := [name for name in COLUMNS if name not in columns]:
        raise SystemExit(f"{file} has no column {missing[0]}: {AGAIN}")
    if not rows:
        raise SystemExit(f"{file} has no rows: {AGAIN}")
    for row in rows:
        if None in row or None in row.values():
            raise SystemExit(f"{file}: row {row['row']} has another number of values than the header has columns: {AGAIN}")
    _must_be_numbered(file, [row["row"] for row in rows])
    for row in rows:
        for name in (*NUMBERS, *(name for name in NUMBERS_IF_SAID if row.get(name))):
            if not _is_finite(row[name]):
                raise SystemExit(f"{file}: row {row['row']}: {name} is no number ({row[name]}): leave the well out, or {AGAIN}")
        if row["split"] not in (*SPLITS, JUDGED_BY):
            raise SystemExit(f"{file}: row {row['row']}: split is none of {', '.join(SPLITS)} ({row['split']}): {AGAIN}")
    return sorted(rows, key=lambda row: int(row["row"]))


def _must_be_numbered(file: Path, numbers: list[str]) -> None:
    wanted = {str(number) for number in range(len(numbers))}
    for number, times in Counter(numbers).items():
        if number not in wanted or times > 1:
            what = f"stands {times} times" if number in wanted else "is none of them"
            raise SystemExit(f"{file}: rows must be numbered 0 to {len(numbers) - 1}, each once; {number} {what}: {AGAIN}")


def _is_finite(text: str) -> bool:
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False


def open_images(file: Path) -> np.ndarray:
    """uint8 (N, 256, 256), memory-mapped."""
    if not file.exists():
        raise SystemExit(f"{file} is not there: {AGAIN}")
    try:
        images = np.load(file, mmap_mode="r")
    except (ValueError, EOFError, OSError) as error:
        raise SystemExit(f"{file} is cut off or no array ({error}): {AGAIN}") from None
    if images.dtype != np.uint8 or images.shape[1:] != (SIDE, SIDE):
        what = f"{images.dtype} of shape {images.shape}; uint8 of (N, {SIDE}, {SIDE}) is needed"
        raise SystemExit(f"{file} holds {what}: {AGAIN}")
    return images
