"""The model card, written from measurements and never by hand."""

from __future__ import annotations

import json
import platform
from pathlib import Path

import onnxruntime
import torch
import torchvision

from .judge import learning_curve, pitfall_page
from .plans import Plan, recipe_of

# The issue that asked for this model wants a classic baseline below this on the unseen microscope.
CLASSIC_BAR = 0.8


def write_card(model: Path, checkpoint: dict, report: dict) -> None:
    """Writes `MODEL_CARD.md` beside the model."""
    identity = json.loads((model / "model.json").read_text())
    mechanisms_file = model / "mechanisms.json"
    # Ranges of the drawn sets, which alone know the truth: a lab's folder may still hold a copy.
    drawn = report["simulated"] and report["judged_by"] == "truth"
    mechanisms = json.loads(mechanisms_file.read_text()) if drawn and mechanisms_file.exists() else None
    (model / "MODEL_CARD.md").write_text("\n".join(_lines(identity, report, checkpoint, mechanisms)) + "\n")


def _lines(identity: dict, report: dict, checkpoint: dict, mechanisms: dict | None) -> list[str]:
    plan = recipe_of(checkpoint)
    phases = "; ".join(f"{p.epochs} epochs at {p.side}², learning rate {p.learning_rate:g}, dropout {p.dropout:g}" for p in plan.phases)
    counts = report["labelled"]
    simulated = report["simulated"]
    lines = [
        "**Trained on simulated spheroids: not for decisions about real drugs.**"
        if simulated
        else "**Research use: not for decisions about a drug's safety.**",
        "",
        f"# NViR {identity['version']}, source state {identity['sha256'][:16]}…",
        "",
        "ResNet18 (one channel) and an MLP that regress viability, ATP relative to untreated, from one bright-field image of 256 × 256",
        "(after 10.3389/fbioe.2026.1797474). Int8 QDQ for ONNX Runtime on a CPU; cast, scale, first convolution, head and calibration stay in",
        "float. fp16 for a GPU. All variants carry the SHA-256 of the fp32 source state.",
        "",
        "## Training",
        "",
        f"- Data: {counts['train']} images to train, {counts['validation']} to validate (the last batches in time), {counts['test']} of held-out studies, {counts['unseen']} of the unseen microscope{'; all simulated' if simulated else ''}.",
        f"- Label: ATP over the median ATP of the untreated wells of the same plate and day{', with simulated luminometer noise' if simulated else ''}.",
        f"- Plan `{checkpoint['plan']}`, seed {checkpoint['seed']}, one run: {phases}; {'one-cycle schedule' if plan.one_cycle else 'reduce on plateau'}, AdamW, MSE{', bfloat16 autocast' if plan.mixed_precision else ''}; CLAHE on {plan.clahe_share:.0%} of the images; the epoch with the lowest validation loss (against labels) is kept.",
        f"- Departures from the paper: {'; '.join(_departures(plan, checkpoint)) or 'none'}.",
        *_origin(checkpoint),
        f"- Exported and judged with Python {platform.python_version()}, torch {torch.__version__}, torchvision {torchvision.__version__}, onnxruntime {onnxruntime.__version__}.",
        "",
        "## Measured",
        "",
        f"R² and mean absolute error against {'the simulation’s true viability' if report['judged_by'] == 'truth' else 'ATP labels'}: the int8 file, its fp32 source, and a classic baseline",
        f"(area, gray, gradients, co-occurrence texture; boosted trees) on all {counts['train']} training images as they are, and with a copy of each",
        "augmented exactly as NViR's training images are.",
        "",
        "| set | n | int8 R² | MAE | bias | fp32 R² | MAE | classic R² | MAE | classic, augmented R² | MAE |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    titles = {"test": "held-out studies, known microscopes", "unseen": "**unseen microscope**"}
    for split, title in titles.items():
        if split not in report["splits"]:
            continue
        s = report["splits"][split]
        lines.append(
            f"| {title} | {s['n']} | {_three(s['int8'])} | {' | '.join(_two(s[name]) for name in ('fp32', 'classic', 'classic_augmented'))} |"
        )
    judged = next(title for title in ("unseen", "test") if title in report["splits"])
    last = report["splits"][judged]
    where = "the unseen microscope" if judged == "unseen" else "held-out studies"
    lines += [""]
    lines += [
        f"95 % intervals of the int8 file's figures over resampled plates, {titles[split].strip('*')}: R² {_interval(of, 'r2')}, MAE {_interval(of, 'mae')}, bias {_interval(of, 'bias')}; Spearman {_or_dash(of['spearman'])}, slope {_or_dash(of['slope'])}."
        for split in titles
        if split in report["splits"] and "interval95" in (of := report["splits"][split]["int8"])
    ]
    controls = last["mean_of_controls"]
    lines += [
        "",
        f"Guessing the controls' mean for every well has R² {_or_dash(controls['r2'])}, MAE {_or_dash(controls['mae'])} on {where}."
        if controls["mae"] is not None
        else "No control image is in training: their mean as a guess for every well was not measured.",
    ]
    lines += ["", *_verdict_on_baseline(last, where, simulated)]
    lines += [
        "",
        f"Against the labels (ATP with its noise: all that a lab could measure) the int8 file has R² {_or_dash(last['int8_against_labels']['r2'])}, MAE {last['int8_against_labels']['mae']:.3f} on {where}.",
    ]
    lines += ["", "| location + microscope | n | R² | MAE | bias |", "| --- | ---: | ---: | ---: | ---: |"]
    lines += [f"| {name} | {d['n']} | {_three(d)} |" for name, d in report["domains"].items()]
    lines += ["", f"By viability, on {where}:", "", "| from | to | n | MAE | bias |", "| ---: | ---: | ---: | ---: | ---: |"]
    lines += [f"| {max(0.0, r['from']):.2f} | {r['to']:.2f} | {r['n']} | {r['mae']:.3f} | {r['bias']:+.3f} |" for r in last["by_viability"]]
    lines += [
        "",
        *_variants(last, where, report["batch_independent"]),
        *_uncertainty(report, identity),
        *_verdicts(report),
        *_holdout(report),
        *pitfall_page.card_lines(report.get("pitfalls")),
    ]
    lines += [
        "",
        "## Limits",
        "",
        *(_simulated_limits() if simulated else []),
        "- One seed: the spread over seeds was not measured.",
        f"- ATP loss without a trace in the image cannot be seen; precipitate and coloured compounds can look like death{': above, drawn' if report.get('pitfalls') else ''}. How often that happens was not measured.",
    ]
    return lines + (_ranges(mechanisms) if mechanisms else [])


def _simulated_limits() -> list[str]:
    return [
        "- Nothing here was measured on a real spheroid. A lab must train on its own labelled plates before it believes a number.",
        "- The unseen microscope's ranges lie between those of training, not beyond them: new combinations and gaps, no extrapolation.",
    ]


def _interval(scores: dict, name: str) -> str:
    low, high = scores["interval95"][name]
    return f"{_or_dash(low)} to {_or_dash(high)}"


def _two(scores: dict) -> str:
    return f"{_or_dash(scores['r2'])} | {_or_dash(scores['mae'])}"


def _three(scores: dict) -> str:
    return f"{_two(scores)} | {_or_dash(scores['bias'], '+.3f')}"


def _variants(split: dict, where: str, independent: bool) -> list[str]:
    """How far the variants lie from their source."""
    differences = "; ".join(f"{name} mean {d['mean']:.4f}, largest {d['max']:.4f}" for name, d in split["variants"].items())
    return [
        f"Difference to fp32 on {where}: {differences}. An image's numbers {'do not depend' if independent else 'DEPEND'} on its neighbours in a batch "
        "(to the bit, batches of 2 to 90, ONNX Runtime on a CPU; a GPU was not tried). On a CPU fp16 is only how the weights are kept: half arithmetic was not measured.",
    ]


def _uncertainty(report: dict, identity: dict) -> list[str]:
    """Coverage and width of the intervals, and what is flagged."""
    judged = {split: of["uncertainty"] for split, of in report["splits"].items() if "uncertainty" in of}
    if not judged:
        return []
    calibration = identity.get("calibration", {})
    rests, caution = calibration.get("reachRestsOn", "unknown"), calibration.get("caution")
    lines = [
        "",
        "## Uncertainty and domain",
        "",
        f"Every image carries half the width of a 90 % interval (of the ATP label) and a distance to the training images; beyond 1 it is flagged. Spread by viability and distance: measured on validation images. Reach: {rests}.{' The unseen microscope set nothing.' if 'unseen' in judged else ''}",
        *(["", f"**Caution: {caution}.**"] if caution else []),
        "",
        "| set | n | labels inside | truth inside | mean width | flagged |",
        "| --- | ---: | ---: | ---: | ---: | ---: |",
    ]
    named = [("held-out studies" if split == "test" else "**unseen microscope**", u["all"]) for split, u in judged.items()]
    named += [item for split, u in judged.items() if split == "test" for item in u["by_domain"].items()]
    if "unseen" in judged:
        named += [(f"unseen, viability {max(0.0, c['from']):g} to {c['to']:g}", c) for c in judged["unseen"]["by_viability"]]
    lines += [
        f"| {name} | {c['n']} | {c['of_labels']:.1%} | {format(c['of_truth'], '.1%') if 'of_truth' in c else '–'} | {c['mean_width']:.3f} | {c['flagged']:.1%} |"
        for name, c in named
    ]
    odd = ", ".join(f"{name} {o['flagged']:.0%}" for name, o in report["not_spheroids"].items())
    return [*lines, "", f"Pictures that are no spheroid of this kind, flagged: {odd}."]


def _verdicts(report: dict) -> list[str]:
    """Agreement of what the pipeline says of compounds, image against ATP against truth."""
    lines = [
        "",
        "## Verdicts on the same wells",
        "",
        "`nvir analyse` decides both sides; one well a dose, Cmax set to 1 µM for every compound. ATP against the truth is what ATP itself reaches.",
        "",
        "| set | sides | curves | same verdict | effect or none alike | IC50 within 2 × | wells that lost half: agree (kappa) |",
        "| --- | --- | ---: | ---: | ---: | ---: | ---: |",
    ]
    for split, of in report["splits"].items():
        for sides, v in of["verdicts"].items():
            # Where all wells are called alike there is no kappa, and without two IC50s no fold.
            within, kappa = _or_dash(v["within_2_fold"], ".1%"), _or_dash(v["wells"]["kappa"], ".2f")
            lines.append(
                f"| {'held-out studies' if split == 'test' else 'unseen microscope'} | {sides.replace('_', ' against ')} | {v['n']} | {_or_dash(v['same_verdict'], '.1%')} | {_or_dash(v['same_effect'], '.1%')} | {within} | {_or_dash(v['wells']['agree'], '.1%')} ({kappa}) |"
            )
    return lines


def _or_dash(value: float | None, form: str = ".3f") -> str:
    return "–" if value is None else format(value, form)


def _holdout(report: dict) -> list[str]:
    """What a domain costs that was never trained on."""
    if "holdout" not in report:
        return ["", "Domains held out one at a time: not measured."]
    h = report["holdout"]
    lines = [
        "",
        "## Domains held out",
        "",
        f"Small trainings ({h['plan']['plates']} plates, plan `small`, seed {h['plan']['seed']}, weaker than this model), each without one location + microscope, against the same with none left out, on images that neither saw: {len(h['held_out'])} of {h['domains']} domains.",
        "",
        "| held out | n | R² with | R² without | MAE with | MAE without | flagged |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    lines += [
        f"| {name} | {d['n']} | {_or_dash(d['with']['r2'])} | {_or_dash(d['without']['r2'])} | {d['with']['mae']:.3f} | {d['without']['mae']:.3f} | {d['out_of_domain']:.1%} |"
        for name, d in h["held_out"].items()
    ]
    return [*lines, *learning_curve.card_lines(h["curve"])]


def _departures(plan: Plan, checkpoint: dict) -> list[str]:
    """What differs from the published recipe, read from the plan that ran."""
    checks = (
        (not checkpoint.get("imagenet", False), "no ImageNet weights (trained from scratch)"),
        (plan.one_cycle, "one-cycle instead of reduce-on-plateau, and no early stopping"),
        (len(plan.phases) > 1, "small images first"),
        (any(phase.dropout != 0.3 for phase in plan.phases), "no dropout in the last phase"),
        (plan.clahe_share != 0.5, "a smaller share of CLAHE"),
    )
    return [text for differs, text in checks if differs]


def _origin(checkpoint: dict) -> list[str]:
    """Versions and device of the training run, which checkpoints keep since they know them."""
    if "versions" not in checkpoint:
        return []
    versions = ", ".join(f"{name} {version}" for name, version in checkpoint["versions"].items())
    return [f"- Trained with {versions} on {checkpoint['device']}."]


def _verdict_on_baseline(split: dict, where: str, simulated: bool) -> list[str]:
    """Says in words whether the images are hard for classic features, so that nobody reads only the kinder column."""
    plain, augmented = split["classic"]["r2"], split["classic_augmented"]["r2"]
    if plain is None or augmented is None:
        return [f"R² of the classic baseline says nothing on {where}: the wells there have one viability."]
    gain = (
        "Much of viability is visible in these pictures without a network; its gain is MAE "
        f"{split['int8']['mae']:.3f} against {split['classic_augmented']['mae']:.3f}, not the far larger one beside the plain baseline."
    )
    if max(plain, augmented) < CLASSIC_BAR:
        return [f"The classic baseline stays below R² {CLASSIC_BAR} on {where}, augmented or not."]
    measured = f"Without augmentation the classic baseline has R² {plain:.2f} on {where}, with NViR's augmentation {augmented:.2f}"
    if not simulated:
        return [f"**{measured}.** {gain}"]
    return [f"**{measured}: the {CLASSIC_BAR} that this simulation was meant to keep it under is missed.** {gain}"]


def _ranges(mechanisms: dict) -> list[str]:
    """Training ranges of every parameter beside the unseen microscope's."""
    lines = [
        "",
        "## Rendering ranges",
        "",
        "Disjoint in every row; written by the simulation.",
        "",
        "| parameter | training | unseen |",
        "| --- | --- | --- |",
    ]
    for name, row in mechanisms.items():
        training = ", ".join(_text(value) for value in row["training"])
        lines.append(f"| {name} | {training} | {_text(row['unseen'])} |")
    return lines


def _text(value: object) -> str:
    if not isinstance(value, list):
        return str(value)
    return f"{value[0]:g}" if value[0] == value[1] else f"{value[0]:g} to {value[1]:g}"
