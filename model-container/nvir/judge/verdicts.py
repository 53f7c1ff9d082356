"""Does the image say of a compound what ATP says? The same code that scores studies decides all sides: `nvir analyse`."""

from __future__ import annotations

import csv
import json
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np

CLI = Path(__file__).resolve().parents[3] / "cli" / "bin.mjs"
# The labelled compounds have no Cmax: with this one for all of them, MOS is the IC50 in µM.
CMAX_UM = 1.0
COLUMNS = ["location", "microscope", "study", "plate", "day", "compound", "concentration_uM", "viability"]
CONTROLS = {"vehicle": "dmso", "untreated": "medium"}
DOSED = ("treated", "reference")

Analyse = Callable[[list[dict[str, str]], np.ndarray], dict[tuple[str, int], dict]]


def analyse(rows: list[dict[str, str]], viability: np.ndarray) -> dict[tuple[str, int], dict]:
    """IC50 and verdict of each compound of a plate read, by `nvir analyse` on these viabilities (N,)."""
    node = shutil.which("node")
    if node is None or not CLI.exists():
        raise FileNotFoundError(f"{CLI} or node is not there: verdicts need the pipeline's command line")
    with tempfile.TemporaryDirectory() as scratch:
        readings, compounds = Path(scratch) / "readings.csv", Path(scratch) / "compounds.csv"
        named = [_named(row) for row in rows]
        with readings.open("w", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(COLUMNS)
            for row, name, value in zip(rows, named, viability, strict=True):
                writer.writerow([*(row[column] for column in COLUMNS[:5]), name, row["concentration_uM"], f"{value:.6f}"])
        with compounds.open("w", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(["compound", "cmax_uM", "dili"])
            writer.writerows([name, CMAX_UM, ""] for name in sorted(set(named) - set(CONTROLS.values())))
        call = [node, str(CLI), "analyse", str(readings), "--compounds", str(compounds), "--json"]
        done = subprocess.run(call, capture_output=True, text=True, check=False)
    # 1 tells of plates left out for want of vehicle wells: on both sides alike, for the wells are the same.
    if done.returncode not in (0, 1):
        raise RuntimeError(f"nvir analyse failed: {done.stderr.strip()[-500:]}")
    return {(curve["compound"], curve["day"]): curve for curve in json.loads(done.stdout)["curves"]}


def _named(row: dict[str, str]) -> str:
    """One name for each plate's compound: the labelled sets use `c01` on every plate for another one."""
    return CONTROLS.get(row["role"]) or f"{row['study']} {row['plate']} {row['compound']}"


def agreement(one: dict, other: dict) -> dict:
    """How often two sides say the same of the compounds that both have, and how far their IC50s lie apart."""
    both = sorted(set(one) & set(other))
    pairs = [(one[key], other[key]) for key in both]
    table: dict[str, dict[str, int]] = {}
    for a, b in pairs:
        row = table.setdefault(b["verdict"], {})
        row[a["verdict"]] = row.get(a["verdict"], 0) + 1
    ic50s = np.array([[_ic50(a), _ic50(b)] for a, b in pairs], dtype=float).reshape(-1, 2)
    finite = np.isfinite(ic50s).all(axis=1)
    folds = np.abs(np.log10(ic50s[finite, 0] / ic50s[finite, 1])) if finite.any() else np.array([])
    return {
        "n": len(both),
        "same_verdict": _share([a["verdict"] == b["verdict"] for a, b in pairs]),
        "same_effect": _share([np.isfinite(x) == np.isfinite(y) for x, y in ic50s]),
        "both_have_ic50": int(finite.sum()),
        "median_fold": float(10 ** np.median(folds)) if len(folds) else None,
        "within_2_fold": _share(folds <= np.log10(2)),
        "within_3_fold": _share(folds <= np.log10(3)),
        "table": table,
    }


def _ic50(curve: dict) -> float:
    value = (curve.get("censored") or {}).get("ic50_uM")
    # An IC50 below all tested doses has no number of its own; both sides say "below".
    return max(float(value), 1e-6) if isinstance(value, (int, float)) and value is not None else float("inf")


def _share(items) -> float | None:
    items = list(items)
    return float(np.mean(items)) if items else None


def loss_calls(rows: list[dict[str, str]], one: np.ndarray, other: np.ndarray, lost: float = 0.5) -> dict:
    """Treated and reference wells called as having lost half against the vehicle median of their plate read, by two sides.

    Wells of a plate read without vehicle wells are left out: neither side can call them.
    """
    of_one, of_other = (relative_to_vehicle(rows, side) for side in (one, other))
    dosed = np.array([row["role"] in DOSED for row in rows])
    called = dosed & np.isfinite(of_one) & np.isfinite(of_other)
    a, b = of_one[called] < 1 - lost, of_other[called] < 1 - lost
    counts = {"n": int(called.sum()), "without_vehicle": int((dosed & ~called).sum())}
    if not called.any():
        return {**counts, "agree": None, "kappa": None, "only_one": 0, "only_other": 0}
    agree, chance = float((a == b).mean()), float(a.mean() * b.mean() + (1 - a.mean()) * (1 - b.mean()))
    kappa = (agree - chance) / (1 - chance) if chance < 1 else float("nan")
    return {**counts, "agree": agree, "kappa": kappa, "only_one": int((a & ~b).sum()), "only_other": int((b & ~a).sum())}


def relative_to_vehicle(rows: list[dict[str, str]], values: np.ndarray) -> np.ndarray:
    """Values (N,) over the median of the vehicle wells of their plate read; NaN where it has none."""
    reads = np.array([f"{r['location']}/{r['microscope']}/{r['study']}/{r['plate']}/{r['day']}" for r in rows])
    vehicle = np.array([r["role"] == "vehicle" for r in rows])
    out = np.full(len(rows), np.nan)
    for read in np.unique(reads):
        of, controls = reads == read, (reads == read) & vehicle
        if controls.any():
            out[of] = values[of] / np.median(values[controls])
    return out
