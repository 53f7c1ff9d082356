"""A labelled set small enough to train on in a test, in the layout of the real one."""

from __future__ import annotations

import csv
import os
from pathlib import Path

import numpy as np
import pytest

# Before torch is loaded, here and in what the tests start: on batches this small two threads wait for each other more than they work.
os.environ.setdefault("OMP_NUM_THREADS", "1")

COLUMNS = [
    *("row", "location", "microscope", "mechanism", "cell_model", "study", "plate", "batch", "date", "day"),
    *("compound", "role", "well", "concentration_uM", "split", "viability_true", "atp_rlu"),
]


@pytest.fixture(scope="session")
def labelled_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """48 discs whose rim frays as they die; a quarter validates, a quarter is another microscope's."""
    folder = tmp_path_factory.mktemp("labelled")
    random = np.random.default_rng(0)
    rows, images = [], []
    y, x = np.mgrid[:256, :256] - 128
    for i in range(48):
        untreated = i % 4 == 0
        viability = 1.0 if untreated else float(random.uniform(0, 1))
        radius = 50 * (1 + (1 - viability) * 0.5 * np.sin(9 * np.arctan2(y, x)))
        picture = np.where(np.hypot(x, y) < radius, 60, 160) + random.normal(0, 3, (256, 256))
        images.append(picture.clip(0, 255).astype(np.uint8))
        split = ("train", "train", "validation", "unseen")[i // 12]
        values = {
            "row": i,
            "location": "a",
            "microscope": "new" if split == "unseen" else "m",
            "study": "s",
            "plate": f"p{i // 12}",
            "day": 7,
            "split": split,
        }
        values |= {
            "mechanism": "disc",
            "cell_model": "disc",
            "batch": f"b{i // 12}",
            "date": f"2026-01-0{i // 12 + 1}",
            "well": f"A{i % 12 + 1:02}",
        }
        values |= {"compound": "medium" if untreated else "c1", "role": "untreated" if untreated else "treated", "concentration_uM": 1}
        rows.append(values | {"viability_true": viability, "atp_rlu": 1e6 * viability})
    np.save(folder / "images.npy", np.stack(images))
    with (folder / "index.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        writer.writerows(rows)
    return folder


@pytest.fixture(scope="session")
def rewritten(labelled_folder: Path):
    """Writes the labelled set to another folder with each row changed by a function of it."""

    def write(folder: Path, change) -> Path:
        folder.mkdir(parents=True, exist_ok=True)
        np.save(folder / "images.npy", np.load(labelled_folder / "images.npy"))
        with (labelled_folder / "index.csv").open(newline="") as file:
            rows = [change(row) for row in csv.DictReader(file)]
        with (folder / "index.csv").open("w", newline="") as file:
            writer = csv.DictWriter(file, rows[0])
            writer.writeheader()
            writer.writerows(rows)
        return folder

    return write


def as_pitfall(row: dict[str, str]) -> dict[str, str]:
    """16 living wells, each as it is, coloured, and with three quarters of its ATP gone; a quarter of them on another microscope."""
    number = int(row["row"])
    kind = number % 3
    measured = {"background": str(0.3 if kind == 1 else 0.6), "flags": "debris" if kind == 1 else ""}
    return row | {
        **{"split": "pitfall", "viability_true": str(0.2 if kind == 2 else 0.95), "atp_rlu": str(2e5 if kind == 2 else 9.5e5)},
        **{"role": "treated" if kind else "untreated", "compound": "c" if kind else "medium", "atp_control_rlu": "1e6"},
        **{"phenomenon": ("", "coloured-medium", "loss-without-trace")[kind], "strength": str(min(kind, 1)), "matched": str(number - kind)},
        **{"drawn": ("", "absorbance 0.3", "79 % of the ATP lost")[kind], "background_suspected": "yes" if kind == 1 else "no", **measured},
    }


@pytest.fixture(scope="session")
def rewrite_pitfalls(rewritten):
    """Writes the pitfall set to another folder with each row changed by a function of it."""

    def write(folder: Path, change=lambda row: row) -> Path:
        rewritten(folder, lambda row: change(as_pitfall(row)))
        images = np.load(folder / "images.npy")
        images[2::3] = images[::3]  # A loss without a trace has the very same picture.
        np.save(folder / "images.npy", images)
        return folder

    return write


@pytest.fixture(scope="session")
def pitfall_folder(rewrite_pitfalls, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What an image cannot see or mistakes, in the layout of the drawn set."""
    return rewrite_pitfalls(tmp_path_factory.mktemp("pitfalls"))


@pytest.fixture(scope="session")
def older_run(run_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The run as an older version left it: without a word on its labelled set."""
    import torch

    folder = tmp_path_factory.mktemp("older")
    best, last = torch.load(run_folder / "best.pt"), torch.load(run_folder / "last.pt")
    del best["data"], last["origin"]["data"]
    torch.save(best, folder / "best.pt")
    torch.save(last, folder / "last.pt")
    return folder


@pytest.fixture(scope="session")
def run_folder(labelled_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished run of the smoke plan."""
    from nvir.train import train

    folder = tmp_path_factory.mktemp("run")
    train(labelled_folder, folder, "smoke", seed=1, imagenet=None, say=lambda *_a, **_k: None)
    return folder
