"""Measures the shipped file on the held-out data and writes the model card from what was measured."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import onnxruntime
from sklearn.ensemble import HistGradientBoostingRegressor

from . import classic
from .card import write_card
from .export import INT8_FILE, load_checkpoint, read_checkpoint
from .labels import LabelledSet, load
from .plans import recipe_of
from .train import predict

BATCH = 32
RANGES = ((-1.0, 0.25), (0.25, 0.5), (0.5, 0.75), (0.75, 2.0))


def evaluate(data: Path, run: Path, model: Path, say=print) -> dict:
    """Writes `evaluation.json` and `MODEL_CARD.md` beside the model and returns the measurements."""
    labelled = load(data)
    session = open_session(model / INT8_FILE)
    fp32 = load_checkpoint(run / "best.pt")
    baselines = fit_baselines(labelled, run, say)
    report: dict = {"splits": {}, "labelled": {}, "domains": {}}
    for split in ("train", "validation", "test", "unseen"):
        report["labelled"][split] = int(len(labelled.of_split(split)))
    for split in ("test", "unseen"):
        rows = labelled.of_split(split)
        images, truth = labelled.images[rows], labelled.truth[rows]
        int8 = run_session(session, images)
        source = predict(fp32, images)
        measured = classic.table(images)
        report["splits"][split] = {
            "n": int(len(rows)),
            "int8": scores(truth, int8),
            "int8_against_labels": scores(labelled.labels[rows], int8),
            "fp32": scores(truth, source),
            **{name: scores(truth, baseline.predict(measured)) for name, baseline in baselines.items()},
            "int8_minus_fp32": {"max": float(np.abs(int8 - source).max()), "mean": float(np.abs(int8 - source).mean())},
            "by_viability": by_range(truth, int8),
        }
        report["domains"].update(by_domain(labelled, rows, truth, int8))
        for name in ("int8", *baselines):
            say(f"{split}, {name}: {report['splits'][split][name]}", flush=True)
    report["batch_independent"] = neighbours_do_not_matter(session, labelled)
    report["classic_trained_on"] = report["labelled"]["train"]
    (model / "evaluation.json").write_text(json.dumps(report, indent=2) + "\n")
    write_card(model, run, report)
    return report


def fit_baselines(labelled: LabelledSet, run: Path, say=print) -> dict[str, HistGradientBoostingRegressor]:
    """The classic baseline on all training images: as they are, and with a copy augmented as NViR's are.

    Both, because only the second had the same help as the network; a baseline held back says nothing about the network.
    """
    rows = labelled.of_split("train")
    images, labels = labelled.images[rows], labelled.labels[rows]
    say(f"classic features of {2 * len(rows)} training images", flush=True)
    plain, augmented = classic.table(images), classic.augmented_table(images, recipe_of(read_checkpoint(run / "best.pt")).clahe_share)
    return {
        "classic": classic.fit(plain, labels),
        "classic_augmented": classic.fit(np.concatenate([plain, augmented]), np.concatenate([labels, labels])),
    }


def open_session(path: Path) -> onnxruntime.InferenceSession:
    """CPU session of an exported file."""
    return onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])


def run_session(session: onnxruntime.InferenceSession, images: np.ndarray) -> np.ndarray:
    """Viabilities (N,) of uint8 images (N, 256, 256)."""
    parts = [session.run(None, {"images": np.ascontiguousarray(images[i : i + BATCH])})[0] for i in range(0, len(images), BATCH)]
    return np.concatenate(parts)


def scores(truth: np.ndarray, predicted: np.ndarray) -> dict[str, float]:
    """R², mean absolute error and bias."""
    residual = predicted - truth
    return {
        "r2": float(1 - (residual**2).sum() / ((truth - truth.mean()) ** 2).sum()),
        "mae": float(np.abs(residual).mean()),
        "bias": float(residual.mean()),
    }


def by_range(truth: np.ndarray, predicted: np.ndarray) -> list[dict]:
    """Error by true viability: a mean over a lopsided set hides the middle."""
    parts = []
    for low, high in RANGES:
        inside = (truth >= low) & (truth < high)
        if inside.any():
            residual = predicted[inside] - truth[inside]
            parts.append(
                {"from": low, "to": high, "n": int(inside.sum()), "mae": float(np.abs(residual).mean()), "bias": float(residual.mean())}
            )
    return parts


def by_domain(labelled: LabelledSet, rows: np.ndarray, truth: np.ndarray, predicted: np.ndarray) -> dict[str, dict]:
    """Scores per location + microscope."""
    names = np.array([f"{labelled.rows[i]['location']} + {labelled.rows[i]['microscope']}" for i in rows])
    return {
        name: {"n": int((names == name).sum()), **scores(truth[names == name], predicted[names == name])} for name in sorted(set(names))
    }


def neighbours_do_not_matter(session: onnxruntime.InferenceSession, labelled: LabelledSet) -> bool:
    """An image's number alone equals its number in any batch, to the bit."""
    images = np.ascontiguousarray(labelled.images[labelled.of_split("unseen")[:90]])
    alone = np.concatenate([session.run(None, {"images": images[i : i + 1]})[0] for i in range(len(images))])
    return all(np.array_equal(session.run(None, {"images": images[:n]})[0], alone[:n]) for n in (2, 3, 7, 8, 16, 24, 31, 64, 90))
