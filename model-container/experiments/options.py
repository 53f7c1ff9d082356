"""Do a control image, an ensemble or flips beat the default? Repeats docs/decisions/0024 on any labelled set, a lab's own too.

    python -m experiments.options --data data/nvir --runs runs/options --model model-container/model

Trains what is not trained yet below --runs: for each seed the default and the control pair, on the same plates. Run it again to go on.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import numpy as np

from nvir.__main__ import use_all_cores
from nvir.export import read_checkpoint
from nvir.holdout import plates_by_domain, restricted, spread
from nvir.judge import verdicts
from nvir.judge.scores import RESAMPLES, by_range, with_intervals
from nvir.judge.sessions import open_session, run_session
from nvir.labels import LabelledSet, check_splits, load, plate_of
from nvir.network import NViR
from nvir.plans import PLANS
from nvir.train import Trainer, predict, train_on

from .control_pair import PairTrainer, said_beside_controls

SPLITS = ("test", "unseen")
DRAWN_BY = 1
# Kept only if the error falls by this much on the unseen microscope, in every comparison and beyond chance.
WORTH_PERCENT = -5.0


def symmetries(images: np.ndarray) -> Iterator[np.ndarray]:
    """The eight of the square, of images (N, S, S); the first is the images themselves, the second their mirror images."""
    for turns in range(4):
        turned = np.rot90(images, turns, axes=(1, 2))
        yield turned
        yield turned[:, :, ::-1]


def flipped(say: Callable[[np.ndarray], np.ndarray], images: np.ndarray) -> dict[str, np.ndarray]:
    """What a model says of images, and the means over two and over all eight symmetries."""
    each = [say(np.ascontiguousarray(turned)) for turned in symmetries(images)]
    return {"": each[0], " 2 flips": np.mean(each[:2], axis=0), " 8 flips": np.mean(each, axis=0)}


def trained(data: LabelledSet, run: Path, plan: str, seed: int, of: type[Trainer]) -> NViR:
    best = train_on(data, run, plan, PLANS[plan], seed, of=of)
    model = of.network()
    model.load_state_dict(read_checkpoint(best)["model"])
    return model.eval()


def said_by_all(data: LabelledSet, runs: Path, plan: str, seeds: list[int], rows: np.ndarray, model: Path | None) -> dict[str, np.ndarray]:
    """Viabilities (R,) by name: of each seed the default, its flips and the pair; the ensemble; and of a served file its flips."""
    images, side = np.ascontiguousarray(data.images[rows]), PLANS[plan].phases[-1].side
    found: dict[str, np.ndarray] = {}
    for seed in seeds:
        default = trained(data, runs / f"default-{seed}", plan, seed, Trainer)
        of_default = flipped(lambda turned, default=default: predict(default, turned, side), images)
        found |= {f"default {seed}{name}": said for name, said in of_default.items()}
        pair = trained(data, runs / f"pair-{seed}", plan, seed, PairTrainer)
        found |= {f"pair {seed} {name}": said for name, said in said_beside_controls(pair, data, rows, side).items()}
    if len(seeds) > 1:
        found["ensemble"] = np.mean([found[f"default {seed}"] for seed in seeds], axis=0)
    if model:
        session = open_session(model / "nvir-int8.onnx")
        of_served = flipped(lambda turned: run_session(session, turned).viability, images)
        found |= {f"served{name}": said for name, said in of_served.items()}
    return found


def comparisons(seeds: list[int], said: Iterable[str]) -> list[tuple[str, str, str]]:
    """Option, what it is called here, and its default: the same seed, and for the ensemble each of its members."""
    flips = [
        (kind, f"{name} {kind}", name) for name in (*(f"default {seed}" for seed in seeds), "served") for kind in ("2 flips", "8 flips")
    ]
    pairs = [(f"pair {kind}", f"pair {seed} {kind}", f"default {seed}") for seed in seeds for kind in ("mean", "first")]
    members = [("ensemble", "ensemble", f"default {seed}") for seed in seeds]
    return [one for one in flips + pairs + members if one[1] in said]


def judged(data: LabelledSet, rows: np.ndarray, seeds: list[int], said: dict[str, np.ndarray]) -> dict:
    """Scores of each, and each option's change of the error of vehicle-normalised viability of dosed wells."""
    of_rows = [data.rows[i] for i in rows]
    reference = data.reference(rows)[0]
    plates = np.array(["/".join(plate_of(row)) for row in of_rows])
    aim = verdicts.relative_to_vehicle(of_rows, reference)
    dosed = np.array([row["role"] in verdicts.DOSED for row in of_rows]) & np.isfinite(aim)
    if not dosed.any():
        raise SystemExit("no plate read has vehicle and dosed wells: nothing to normalise by")
    off = {name: (verdicts.relative_to_vehicle(of_rows, values) - aim)[dosed] for name, values in said.items()}
    curves = _curves(of_rows, {**said, "": reference})
    return {
        "n": int(dosed.sum()),
        "each": {
            name: with_intervals(reference, values, plates)
            | {"raw_by_viability": by_range(reference, lambda part, off=values - reference: _off(off[part]))}
            | {"normalised": _off(off[name]), "by_viability": by_range(aim[dosed], lambda part, off=off[name]: _off(off[part]))}
            | {"ic50": _ic50s(curves[name], curves[""])}
            for name, values in said.items()
        },
        "changes": [
            {"option": kind, "of": name, "against": default, **change(np.abs(off[name]), np.abs(off[default]), plates[dosed])}
            for kind, name, default in comparisons(seeds, said)
        ],
    }


def _off(off: np.ndarray) -> dict[str, float]:
    return {"mae": float(np.abs(off).mean()), "bias": float(off.mean())}


def _curves(rows: list[dict[str, str]], sides: dict[str, np.ndarray]) -> dict[str, dict]:
    """Curves by side, then by compound and day: all sides analysed at once, each as studies of its own."""
    apart = [row | {"study": f"{name}|{row['study']}"} for name in sides for row in rows]
    found: dict[str, dict] = {name: {} for name in sides}
    for (compound, day), curve in verdicts.analyse(apart, np.concatenate(list(sides.values()))).items():
        name, _, of = compound.partition("|")
        found[name][of, day] = curve
    return found


def _ic50s(of: dict, reference: dict) -> dict:
    """As verdicts agree, and the median ratio to the reference's IC50 where both are numbers."""
    both = [[(side[key]["censored"] or {}).get("ic50_uM") for side in (of, reference)] for key in sorted(set(of) & set(reference))]
    ratios = [one / other for one, other in both if isinstance(one, int | float) and isinstance(other, int | float)]
    agreed = verdicts.agreement(of, reference)
    return {
        "median_ratio": float(np.median(ratios)) if ratios else None,
        **{name: agreed[name] for name in ("median_fold", "within_2_fold")},
    }


def change(option: np.ndarray, default: np.ndarray, plates: np.ndarray, seed: int = 0) -> dict[str, float]:
    """Change of the mean error in percent of the default's, with a 95 % interval over resampled plates, the same for both."""
    names, of = np.unique(plates, return_inverse=True)
    more, base = np.bincount(of, option - default), np.bincount(of, default)
    draws = np.random.default_rng(seed).integers(0, len(names), (RESAMPLES, len(names)))
    low, high = np.quantile(100 * more[draws].sum(axis=1) / base[draws].sum(axis=1), (0.025, 0.975))
    return {"percent": float(100 * more.sum() / base.sum()), "low": float(low), "high": float(high)}


def kept(splits: dict[str, dict]) -> dict[str, bool]:
    """By the criterion of decision 0024, of each option: better where it counts in every comparison, worse nowhere."""
    strict = SPLITS[-1] if SPLITS[-1] in splits else SPLITS[0]
    found: dict[str, bool] = {}
    for split, of in splits.items():
        for one in of["changes"]:
            better = one["percent"] <= WORTH_PERCENT and one["high"] < 0
            found[one["option"]] = found.get(one["option"], True) and (better if split == strict else one["low"] <= 0)
    return found


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        prog="python -m experiments.options", description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--data", type=Path, default=Path("data/nvir"), help="folder of images.npy and index.csv")
    parser.add_argument("--runs", type=Path, default=Path("runs/options"), help="folder of the trainings, and of options.json")
    parser.add_argument("--model", type=Path, help="folder of an exported int8 file: its flips too")
    parser.add_argument("--plan", choices=("small", "smoke", "cpu", "paper"), default="small")
    parser.add_argument("--plates", type=int, default=65, help="training plates, dealt to the domains in turn")
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    asked = parser.parse_args(argv)
    use_all_cores()
    labelled = load(asked.data)
    check_splits(labelled.rows)
    data = restricted(labelled, spread(plates_by_domain(labelled), asked.plates, DRAWN_BY), None)
    of_splits = {split: data.of_split(split) for split in SPLITS if len(data.of_split(split))}
    if not of_splits:
        raise SystemExit(f"{asked.data} has neither held-out studies (split test) nor an unseen microscope (split unseen)")
    # All splits at once: a training is opened once, and nothing of it can change between them.
    every = np.sort(np.concatenate(list(of_splits.values())))
    said = said_by_all(data, asked.runs, asked.plan, asked.seeds, every, asked.model)
    found = {}
    for split, rows in of_splits.items():
        of_split = {name: values[np.searchsorted(every, rows)] for name, values in said.items()}
        found[split] = judged(data, rows, asked.seeds, of_split)
        for one in found[split]["changes"]:
            print(f"{split}: {one['of']} against {one['against']}: {one['percent']:+.1f} % ({one['low']:+.1f} to {one['high']:+.1f})")
    (asked.runs / "options.json").write_text(json.dumps({"splits": found, "kept": kept(found)}, indent=2) + "\n")
    print("kept by the criterion: " + (", ".join(option for option, yes in kept(found).items() if yes) or "none"))


if __name__ == "__main__":
    main()
