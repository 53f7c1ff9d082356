"""Measures exported files on the held-out data; writes `evaluation.json`, the model card and the report from what was measured."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from . import classic
from .card import write_card
from .dataset_digest import must_be_of
from .export import model_of, read_checkpoint
from .holdout import HOLDOUT_FILE, holdout_of
from .judge import pitfalls as pitfall_set
from .judge import verdicts
from .judge.baselines import fit_baselines, mean_of_controls
from .judge.report import write_report
from .judge.scores import by_group, by_range, scores, with_intervals
from .judge.sessions import Said, neighbours_do_not_matter, open_session, run_session
from .judge.uncertainty import judged, no_spheroids
from .labels import LabelledSet, domain_of, load, plate_of
from .network import state_sha256
from .plans import recipe_of
from .train import predict
from .whole_file import write_json

JUDGED = "int8"
SPLITS = ("test", "unseen")


def evaluate(
    data: Path, run: Path, model: Path, report: Path | None = None, cache: Path | None = None, pitfalls: Path | None = None, say=print
) -> dict:
    """Writes `evaluation.json` and `MODEL_CARD.md` beside the model, the HTML report where asked, and returns the measurements.

    `pitfalls` is a drawn set of what an image cannot see or mistakes; without it the card says that it was not measured.
    """
    labelled = load(data)
    identity = json.loads((model / "model.json").read_text())
    splits = [split for split in SPLITS if len(labelled.of_split(split))]
    if not splits:
        raise SystemExit(f"{data} has neither held-out studies (split test) nor an unseen microscope (split unseen): nothing to judge by")
    if JUDGED not in identity["variants"]:
        raise SystemExit(f"{model / 'model.json'} has no {JUDGED}, the variant that is judged: export it with the others")
    checkpoint = read_checkpoint(run / "best.pt")
    if (state := state_sha256(checkpoint["model"])) != identity["sha256"]:
        raise SystemExit(
            f"{run / 'best.pt'} ({state[:12]}…) is not what {model} was exported from ({identity['sha256'][:12]}…): "
            "name its run by --run, or export this one first"
        )
    must_be_of(labelled.digest, checkpoint.get("data"), str(run), "evaluate it on the set that it was trained on, by --data", say)
    drawn = pitfall_set.load_pitfalls(pitfalls) if pitfalls else None
    sessions = {name: open_session(model / variant["file"]) for name, variant in identity["variants"].items()}
    baselines = fit_baselines(labelled, recipe_of(checkpoint).clahe_share, cache or run, say)
    source = model_of(checkpoint)
    found: dict = {"labelled": {split: int(len(labelled.of_split(split))) for split in ("train", "validation", *SPLITS)}, "splits": {}}
    found |= {
        "judged_by": labelled.reference(np.concatenate([labelled.of_split(s) for s in splits]))[1],
        "judged": JUDGED,
        "simulated": labelled.simulated,
    }
    predicted: dict[str, Said] = {}
    for split in splits:
        rows = labelled.of_split(split)
        say(f"{split}: {len(rows)} images by {', '.join(sessions)} and the fp32 source", flush=True)
        images = np.ascontiguousarray(labelled.images[rows])
        said = {name: run_session(session, images) for name, session in sessions.items()}
        predicted[split] = said[JUDGED]
        others = {"fp32": predict(source, images), **{n: s.viability for n, s in said.items() if n not in (JUDGED, "fp32")}}
        features = classic.table(images)
        simple = {name: baseline.predict(features) for name, baseline in baselines.items()}
        simple["mean_of_controls"] = np.full(len(rows), mean_of_controls(labelled))
        found["splits"][split] = _of_split(labelled, rows, said[JUDGED], others, simple, say)
        found["splits"][split]["variant_outputs"] = {
            n: _outputs_apart(of, said[JUDGED]) for n, of in said.items() if n != JUDGED and _calibrated(of)
        }
        for name in (JUDGED, *simple):
            say(f"  {name}: R² {found['splits'][split][name]['r2']:.3f}, MAE {found['splits'][split][name]['mae']:.3f}", flush=True)
    found["domains"] = {name: of for split in splits for name, of in found["splits"][split]["by_domain"].items()}
    found["batch_independent"] = neighbours_do_not_matter(sessions[JUDGED], labelled.images[labelled.of_split(splits[-1])])
    found["not_spheroids"] = _not_spheroids(sessions[JUDGED], labelled.images[labelled.of_split(splits[0])])
    if held_out := holdout_of(model / HOLDOUT_FILE, labelled):
        found["holdout"] = held_out
    mistaken = None
    if drawn:
        say(f"pitfalls: {len(drawn.rows)} images by {JUDGED}", flush=True)
        mistaken = (drawn, run_session(sessions[JUDGED], drawn.images))
        found["pitfalls"] = pitfall_set.measure(*mistaken, {domain_of(labelled.rows[i]) for i in labelled.of_split("train")})
    found = _plain(found)
    write_card(model, checkpoint, found)
    if report:
        write_report(report, labelled, predicted, found, identity, mistaken)
        say(f"report: {report}")
    # Last, so that figures without the card that tells of them are never left behind.
    write_json(model / "evaluation.json", found, allow_nan=False)
    return found


def _plain(value):
    """As JSON can say it: no number where there is none, such as a correlation with a constant."""
    if isinstance(value, dict):
        return {key: _plain(of) for key, of in value.items()}
    if isinstance(value, list):
        return [_plain(of) for of in value]
    return None if isinstance(value, float) and not np.isfinite(value) else value


def _of_split(labelled: LabelledSet, rows: np.ndarray, said: Said, others: dict, simple: dict, say) -> dict:
    """Everything that is measured of one split."""
    reference, _ = labelled.reference(rows)
    labels, truth = labelled.labels[rows], labelled.truth[rows]
    of_rows = [labelled.rows[i] for i in rows]
    plates = np.array(["/".join(plate_of(row)) for row in of_rows])
    groups = {
        "by_domain": np.array([domain_of(row) for row in of_rows]),
        "by_study": np.array([row["study"] for row in of_rows]),
        "by_day": np.array([f"day {int(float(row['day'])):03}" for row in of_rows]),
    }
    viability = said.viability
    found = {
        "n": int(len(rows)),
        JUDGED: with_intervals(reference, viability, plates),
        f"{JUDGED}_against_labels": with_intervals(labels, viability, plates),
        **{name: scores(reference, values) for name, values in {**others, **simple}.items()},
        **{name: by_group(reference, viability, plates, of) for name, of in groups.items()},
        "by_viability": by_range(reference, lambda part: _range_scores(reference[part], viability[part])),
        "variants": {name: _difference(values, others["fp32"]) for name, values in {JUDGED: viability, **others}.items() if name != "fp32"},
    }
    if said.half_width_90 is not None:
        found["uncertainty"] = judged(said, labels, truth, groups["by_domain"])
    found["verdicts"] = _verdicts(of_rows, viability, labels, truth, say)
    return found


def _range_scores(truth: np.ndarray, predicted: np.ndarray) -> dict[str, float]:
    residual = predicted - truth
    return {"mae": float(np.abs(residual).mean()), "bias": float(residual.mean())}


def _difference(values: np.ndarray, source: np.ndarray) -> dict[str, float]:
    away = np.abs(values - source)
    return {"mean": float(away.mean()), "p99": float(np.quantile(away, 0.99)), "max": float(away.max())}


def _calibrated(said: Said) -> bool:
    return said.half_width_90 is not None and said.domain_distance is not None


def _outputs_apart(one: Said, other: Said) -> dict[str, float]:
    """Whether two variants give the same intervals and flags."""
    return {
        "half_width_max": float(np.abs(one.half_width_90 - other.half_width_90).max()),
        "flagged_alike": float(((one.domain_distance > 1) == (other.domain_distance > 1)).mean()),
    }


def _verdicts(rows: list[dict[str, str]], image: np.ndarray, labels: np.ndarray, truth: np.ndarray, say) -> dict:
    """Image against ATP on the same wells, and both against the truth where it is known; empty where nothing can be decided."""
    sides = {"image": image, "atp": labels} | ({} if np.isnan(truth).any() else {"truth": truth})
    try:
        decided = {name: verdicts.analyse(rows, values) for name, values in sides.items()}
    except FileNotFoundError as error:
        say(f"  verdicts not compared: {error}", flush=True)
        return {}
    if not decided["image"]:
        say("  verdicts not compared: no plate read has vehicle wells", flush=True)
        return {}
    pairs = [("image", "atp"), ("image", "truth"), ("atp", "truth")]
    return {
        f"{one}_{other}": verdicts.agreement(decided[one], decided[other]) | {"wells": verdicts.loss_calls(rows, sides[one], sides[other])}
        for one, other in pairs
        if other in sides
    }


def _not_spheroids(session, images: np.ndarray) -> dict[str, dict]:
    """What is said of pictures that are none of a spheroid, no more of a kind than there are images; empty without a distance."""
    found = {}
    for name, pictures in no_spheroids(images[::16], drawn=min(60, len(images))).items():
        said = run_session(session, pictures)
        if said.domain_distance is None:
            return {}
        found[name] = {
            "n": int(len(pictures)),
            "flagged": float((said.domain_distance > 1).mean()),
            "median_distance": float(np.median(said.domain_distance)),
            "median_viability": float(np.median(said.viability)),
        }
    return found
