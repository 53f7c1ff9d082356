"""What a domain costs that the model was never trained on: small trainings with one location + microscope held out at a time.

Three things come of it: the drop against the same training with nothing held out; residuals on domains never trained on, by which
the intervals of a model are scaled (`calibration.py`); and what of them all images of a domain share (`shared_error.py`). A learning
curve by number of labelled plates is made alike.
"""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np

from .calibration import Reach, fit_domain, fit_reach, fit_spread
from .dataset_digest import must_be_of
from .judge.scores import scores
from .labels import LabelledSet, check_splits, domain_of, is_untreated, load, plate_of
from .network import NViR
from .plans import PLANS, Plan
from .shared_error import fit_share, share_of_domain
from .train import train_on
from .whole_file import write_json

# A training of the curve sees as many images as the others, whatever number of plates they come from.
CURVE_SHARES = (0.25, 0.5, 2.0)
STATISTICS_IMAGES = 1000
HELD_IMAGES = 600
HOLDOUT_FILE = "holdout.json"


def holdout(folder: Path, runs: Path, out: Path, plan_name: str, seed: int, only: str | None = None, say=print) -> None:
    """Trains what is not trained yet below `runs`, a folder for each training, and writes `holdout.json` to `out`.

    Of one training `only`, by its folder's name, nothing is written but its folder: so several can run side by side.
    """
    labelled = load(folder)
    check_splits(labelled.rows)
    plates = plates_by_domain(labelled)
    if len(plates) < 2:
        raise SystemExit(f"{folder} trains on {' and '.join(plates)} alone: without another location or microscope none can be held out")
    each = max(1, min(len(of) for of in plates.values()) // 2)
    total = each * (len(plates) - 1)
    for number, domain in enumerate(sorted(plates)):
        kept = [plate for other in sorted(plates) if other != domain for plate in drawn(plates[other], each, seed)]
        _one(labelled, runs / f"without-{number + 1}", PLANS[plan_name], plan_name, seed, kept, domain, only, say)
    for share in (1.0, *CURVE_SHARES):
        # With nothing held out each domain has a plate at least: two domains make that one more than without either.
        wanted = max(total, len(plates)) if share == 1.0 else round(total * share)
        if share != 1.0 and not len(plates) <= wanted <= sum(len(of) for of in plates.values()):
            continue
        plan = replace(PLANS[plan_name], phases=tuple(replace(p, epochs=max(1, round(p.epochs / share))) for p in PLANS[plan_name].phases))
        kept = spread(plates, wanted, seed)
        _one(labelled, runs / f"plates-{wanted}", plan, plan_name, seed, kept, None, only, say)
    if not only:
        out.mkdir(parents=True, exist_ok=True)
        write_json(out / HOLDOUT_FILE, evidence(labelled, runs))


def evidence(labelled: LabelledSet, runs: Path) -> dict:
    """What the small trainings say that are done: drop and reach by held-out domain, and the learning curve."""
    found = [(json.loads((path.parent / "subset.json").read_text()), np.load(path)) for path in sorted(runs.glob("*/predictions.npz"))]
    held = {subset["held_out"]: (subset, data) for subset, data in found if subset["held_out"]}
    whole = {subset["plates"]: data for subset, data in found if not subset["held_out"]}
    if not held or not whole:
        raise SystemExit(f"{runs} lacks the training {'with nothing held out' if held else 'without one domain'}: run it again")
    plates = next(iter(held.values()))[0]["plates"]
    nothing_out = whole[min((n for n in whole if n >= plates), default=max(whole))]
    judged = {domain: _residuals(labelled, data, domain) for domain, (_, data) in held.items()}
    return {
        **({"data": labelled.digest} if labelled.digest else {}),
        "domains": len(plates_by_domain(labelled)),
        "plan": next(iter(held.values()))[0],
        "held_out": {domain: _of_domain(labelled, domain, held[domain][1], nothing_out, judged) for domain in sorted(held)},
        "reach": asdict(_reach(judged, None)),
        **_shared(judged),
        "curve": [{"plates": n, **_of_curve(labelled, whole[n])} for n in sorted(whole)],
    }


def holdout_of(path: Path, labelled: LabelledSet) -> dict | None:
    """The evidence at `path` where it is of this set, told by its digest, or where an older version wrote none by its domains."""
    if not path.exists():
        return None
    found = json.loads(path.read_text())
    same = found["data"] == labelled.digest if found.get("data") else set(found["held_out"]) <= set(plates_by_domain(labelled))
    return found if same else None


def _residuals(labelled: LabelledSet, data: dict, held: str | None) -> dict[str, np.ndarray]:
    """Scores (residual over spread), distances and what else is judged of a held-out domain's images, each (N,); spread and distance
    are the small model's own."""
    rows, viability, features = data["rows"], data["viability"], data["features"]
    domains = np.array([domain_of(labelled.rows[i]) for i in rows])
    splits = np.array([labelled.rows[i]["split"] for i in rows])
    out = domains == held
    trained, known = (splits == "train") & ~out, (splits == "validation") & ~out
    domain = fit_domain(features[trained], domains[trained], features[known])
    spread = fit_spread(viability[known], labelled.labels[rows[known]])
    labels = labelled.labels[rows[out]]
    controls = [is_untreated(row) or row.get("role") == "vehicle" for row in (labelled.rows[i] for i in rows[out])]
    return {
        "score": np.abs(viability[out] - labels) / spread.of(viability[out]),
        "distance": domain.distance(features[out]),
        "spread": spread.of(viability[out]),
        "viability": viability[out],
        "label": labels,
        "control": np.array(controls, dtype=bool),
    }


def _reach(judged: dict[str, dict], besides: str | None) -> Reach:
    others = [of for domain, of in judged.items() if domain != besides]
    return fit_reach(*(np.concatenate([of[name] for of in others]) for name in ("score", "distance")))


def _share(of: dict, reach: Reach) -> np.ndarray:
    return share_of_domain(of["viability"], of["label"], of["spread"] * reach.factor(of["distance"]), of["control"])


def _shared(judged: dict[str, dict]) -> dict:
    """What domains share of their half widths, and how often what the others say holds of each; nothing where no domain speaks."""
    reach = _reach(judged, None)
    shares = {domain: _share(of, reach) for domain, of in sorted(judged.items())}
    fitted = fit_share(np.array(list(shares.values())))
    if fitted is None:
        return {}
    return {
        "shared": {
            "at_knots": fitted.tolist(),
            "domains": sum(bool(np.isfinite(share).any()) for share in shares.values()),
            "by_domain": {domain: [float(x) if np.isfinite(x) else None for x in share] for domain, share in shares.items()},
            **_held_by_others(shares),
        }
    }


def _held_by_others(shares: dict[str, np.ndarray]) -> dict:
    """Of all knots of all domains, the share that lies within what the other domains say; nothing with a domain alone."""
    found: list[bool] = []
    for domain, share in shares.items():
        by_others = fit_share(np.array([of for other, of in shares.items() if other != domain]).reshape(-1, len(share)))
        if by_others is not None:
            found += (np.abs(share) <= by_others)[np.isfinite(share)].tolist()
    return {"coverage_by_others": float(np.mean(found))} if found else {}


def _of_domain(labelled: LabelledSet, domain: str, without: dict, whole: dict, judged: dict) -> dict:
    """Scores on what neither training saw of the domain, and coverage there by a reach that the other domains set."""
    never = np.array([i for i, row in enumerate(labelled.rows) if domain_of(row) == domain and row["split"] in ("validation", "test")])
    of = judged[domain]
    # With one held-out domain nothing is left to judge its own reach by.
    by_others = {}
    if len(judged) > 1:
        factor = _reach(judged, domain).factor(of["distance"])
        by_others = {"coverage_by_others": float((of["score"] <= factor).mean()), "mean_width": float(2 * (of["spread"] * factor).mean())}
    return {
        "n": len(never),
        "with": scores(labelled.reference(never)[0], _at(whole, never)),
        "without": scores(labelled.reference(never)[0], _at(without, never)),
        "images": int(len(of["score"])),
        "out_of_domain": float((of["distance"] > 1).mean()),
        "coverage_of_known_spread": float((of["score"] <= 1).mean()),
        **by_others,
    }


def _of_curve(labelled: LabelledSet, data: dict) -> dict:
    rows = {split: labelled.of_split(split) for split in ("test", "unseen")}
    return {split: scores(labelled.reference(of)[0], _at(data, of)) for split, of in rows.items() if len(of)}


def _at(data: dict, rows: np.ndarray) -> np.ndarray:
    return data["viability"][np.searchsorted(data["rows"], rows)]


def plates_by_domain(labelled: LabelledSet) -> dict[str, list[tuple[str, ...]]]:
    """Training plates of each domain, in order."""
    plates: dict[str, set[tuple[str, ...]]] = {}
    for row in labelled.rows:
        if row["split"] == "train":
            plates.setdefault(domain_of(row), set()).add(plate_of(row))
    return {domain: sorted(of) for domain, of in plates.items()}


def drawn(plates: list[tuple[str, ...]], count: int, seed: int) -> list[tuple[str, ...]]:
    """`count` of a domain's plates; more of them always hold the fewer, so that a curve adds plates and changes none."""
    return [plates[i] for i in np.random.default_rng(seed).permutation(len(plates))[:count]]


def spread(plates: dict[str, list[tuple[str, ...]]], wanted: int, seed: int) -> list[tuple[str, ...]]:
    """`wanted` plates, dealt to the domains in turn."""
    orders = [drawn(plates[domain], len(plates[domain]), seed) for domain in sorted(plates)]
    dealt = [order[turn] for turn in range(max(map(len, orders))) for order in orders if turn < len(order)]
    return dealt[:wanted]


def restricted(labelled: LabelledSet, kept: list[tuple[str, ...]], held_out: str | None) -> LabelledSet:
    """The set with other plates left out of training, and a domain left out of training and validation."""
    chosen = set(kept)
    rows = []
    for row in labelled.rows:
        known = row["split"] in ("train", "validation")
        if known and domain_of(row) == held_out:
            row = {**row, "split": f"held {row['split']}"}
        elif row["split"] == "train" and plate_of(row) not in chosen:
            row = {**row, "split": "left"}
        rows.append(row)
    return replace(labelled, rows=rows)


def _one(
    labelled: LabelledSet, run: Path, plan: Plan, plan_name: str, seed: int, kept: list, held_out: str | None, only: str | None, say
) -> None:
    result = run / "predictions.npz"
    if only and run.name != only:
        return
    subset = {"held_out": held_out, "plates": len(kept), "recipe": asdict(plan), "seed": seed, "data": labelled.digest}
    if result.exists():
        _must_be_asked(run, subset, say)
        return
    say(f"{run.name}: {len(kept)} plates, {'without ' + held_out if held_out else 'nothing held out'}", flush=True)
    data = restricted(labelled, kept, held_out)
    best = train_on(data, run, plan_name, plan, seed, say=say)
    from .export import load_checkpoint

    rows = judged_rows(data, held_out)
    viability, features = outputs(load_checkpoint(best), labelled.images, rows, plan.phases[-1].side)
    (run / "subset.json").write_text(json.dumps(subset) + "\n")
    unfinished = run / "unfinished.npz"
    np.savez(unfinished, rows=rows, viability=viability, features=features.astype(np.float32))
    unfinished.replace(result)


def _must_be_asked(run: Path, asked: dict, say) -> None:
    """A training done is taken for the one asked for only where it is."""
    found = json.loads((run / "subset.json").read_text())
    remedy = "choose another --runs folder"
    must_be_of(asked["data"], found.get("data"), str(run), remedy, say)
    for name, value in json.loads(json.dumps(asked)).items():
        if name != "data" and found[name] != value:
            raise SystemExit(f"{run} was made with another {name} ({found[name]}, now {value}): {remedy}")


def judged_rows(data: LabelledSet, held_out: str | None) -> np.ndarray:
    """Rows to run through a small model: of a held-out domain some of its training, some images and all of the known validation."""
    if held_out is None:
        return np.sort(np.concatenate([data.of_split(split) for split in ("validation", "test", "unseen")]))
    random = np.random.default_rng(0)
    some = [
        random.permutation(data.of_split(split))[:count] for split, count in (("train", STATISTICS_IMAGES), ("held train", HELD_IMAGES))
    ]
    test = [i for i in data.of_split("test") if domain_of(data.rows[i]) == held_out]
    return np.sort(np.concatenate([*some, data.of_split("held validation"), data.of_split("validation"), np.array(test, dtype=np.int64)]))


def outputs(model: NViR, images: np.ndarray, rows: np.ndarray, side: int, batch: int = 64) -> tuple[np.ndarray, np.ndarray]:
    """Viabilities (R,) and features (R, 512) of rows of uint8 images (N, 256, 256)."""
    import torch

    from .train import shrink

    model.eval()
    parts = []
    with torch.no_grad():
        for i in range(0, len(rows), batch):
            pixels = torch.from_numpy(shrink(np.ascontiguousarray(images[rows[i : i + batch]]), side))
            features = model.features(pixels)
            parts.append((model.regression_head(features).squeeze(1).numpy(), features.numpy()))
    return np.concatenate([v for v, _ in parts]), np.concatenate([f for _, f in parts])
