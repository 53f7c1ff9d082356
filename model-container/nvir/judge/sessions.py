"""Exported files, run as they are served."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np
import onnxruntime

BATCH = 32


class Said(NamedTuple):
    """What a file says of images, each (N,); more than viability only where it is calibrated."""

    viability: np.ndarray
    half_width_90: np.ndarray | None = None
    domain_distance: np.ndarray | None = None
    shared_half_width_90: np.ndarray | None = None


def open_session(path: Path) -> onnxruntime.InferenceSession:
    """CPU session of an exported file."""
    return onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])


def run_session(session: onnxruntime.InferenceSession, images: np.ndarray) -> Said:
    """What a file says of uint8 images (N, 256, 256)."""
    names = [output.name for output in session.get_outputs()]
    parts = [session.run(None, {"images": np.ascontiguousarray(images[i : i + BATCH])}) for i in range(0, len(images), BATCH)]
    return Said(**{name: np.concatenate([part[number] for part in parts]) for number, name in enumerate(names)})


def neighbours_do_not_matter(session: onnxruntime.InferenceSession, images: np.ndarray) -> bool:
    """An image's numbers alone equal its numbers in any batch of up to 90, to the bit."""
    images = np.ascontiguousarray(images[:90])
    alone = [session.run(None, {"images": images[i : i + 1]}) for i in range(len(images))]
    columns = [np.concatenate([of[number] for of in alone]) for number in range(len(alone[0]))]
    sizes = [n for n in (2, 3, 7, 8, 16, 24, 31, 64, 90) if n <= len(images)]
    return all(
        np.array_equal(together, columns[number][:n])
        for n in sizes
        for number, together in enumerate(session.run(None, {"images": images[:n]}))
    )
