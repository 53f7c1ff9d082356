"""Which labelled set something was made of, so that weights, held-out trainings and figures of two sets are not mixed."""

from __future__ import annotations

import hashlib
from pathlib import Path

# Blocks of the images that are read: all of them would take longer than many a step that asks.
BLOCKS, BLOCK_BYTES = 256, 1 << 16


def set_digest(folder: Path) -> str:
    """SHA-256 (hex) of `index.csv`, and of the size, the ends and evenly spaced blocks of `images.npy`."""
    digest = hashlib.sha256((folder / "index.csv").read_bytes())
    size = (folder / "images.npy").stat().st_size
    digest.update(str(size).encode())
    with (folder / "images.npy").open("rb") as file:
        for number in range(BLOCKS):
            file.seek(max(0, size - BLOCK_BYTES) * number // (BLOCKS - 1))
            digest.update(file.read(BLOCK_BYTES))
    return digest.hexdigest()


def must_be_of(set_now: str, set_then: str | None, what: str, remedy: str, say=print) -> None:
    """Refuses what was made of another labelled set; what older versions made does not say, and is taken with a note."""
    if not set_then:
        say(f"{what} does not say which labelled set it was made of: taken as this one", flush=True)
    elif set_now and set_now != set_then:
        raise SystemExit(f"{what} was made of another labelled set ({set_then[:12]}…, now {set_now[:12]}…): {remedy}")
