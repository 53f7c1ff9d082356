"""The model card, written from measurements and never by hand."""

from __future__ import annotations

import json
import platform
from pathlib import Path

import onnxruntime
import torch
import torchvision

from .plans import PLANS


def write_card(model: Path, run: Path, report: dict) -> None:
    """Writes `MODEL_CARD.md` beside the model."""
    identity = json.loads((model / "model.json").read_text())
    mechanisms_file = model / "mechanisms.json"
    mechanisms = json.loads(mechanisms_file.read_text()) if mechanisms_file.exists() else None
    checkpoint = torch.load(run / "best.pt", map_location="cpu")
    (model / "MODEL_CARD.md").write_text("\n".join(_lines(identity, report, checkpoint, mechanisms)) + "\n")


def _lines(identity: dict, report: dict, checkpoint: dict, mechanisms: dict | None) -> list[str]:
    plan = PLANS[checkpoint["plan"]]
    phases = "; ".join(f"{p.epochs} epochs at {p.side}², learning rate {p.learning_rate:g}, dropout {p.dropout:g}" for p in plan.phases)
    counts = report["labelled"]
    lines = [
        "**Trained on simulated spheroids: not for decisions about real drugs.**",
        "",
        f"# NViR {identity['version']}, source state {identity['sha256'][:16]}…",
        "",
        "ResNet18 (one channel) and an MLP that regress viability, ATP relative to untreated, from one bright-field image of 256 × 256",
        "(after 10.3389/fbioe.2026.1797474). Int8 QDQ for ONNX Runtime; cast, scale, first convolution and head stay in float.",
        "",
        "## Training",
        "",
        f"- Data: {counts['train']} images to train, {counts['validation']} to validate (the last batches in time), {counts['test']} of held-out studies, {counts['unseen']} of the unseen microscope; all simulated.",
        "- Label: ATP over the median ATP of the untreated wells of the same plate and day, with simulated luminometer noise.",
        f"- Plan `{checkpoint['plan']}`, seed {checkpoint['seed']}, one run: {phases}; one-cycle schedule, AdamW, MSE, bfloat16 autocast; CLAHE on {plan.clahe_share:.0%} of the images.",
        "- Departures from the paper: no ImageNet weights (none were at hand), one-cycle instead of reduce-on-plateau, small images first, no dropout in the last phase, and a smaller share of CLAHE.",
        f"- Run with Python {platform.python_version()}, torch {torch.__version__}, torchvision {torchvision.__version__}, onnxruntime {onnxruntime.__version__}, on two CPU cores.",
        "",
        "## Measured",
        "",
        "Against the simulation's true viability; the shipped int8 file, its fp32 source, and a classic baseline (area, gray, gradients,",
        f"co-occurrence texture, boosted trees, trained on {report['classic_trained_on']} of the same images).",
        "",
        "| set | n | int8 R² | int8 MAE | bias | fp32 R² | fp32 MAE | classic R² | classic MAE |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    titles = {"test": "held-out studies, known microscopes", "unseen": "**unseen microscope**"}
    for split, title in titles.items():
        s = report["splits"][split]
        lines.append(
            f"| {title} | {s['n']} | {s['int8']['r2']:.3f} | {s['int8']['mae']:.3f} | {s['int8']['bias']:+.3f} | {s['fp32']['r2']:.3f} | {s['fp32']['mae']:.3f} | {s['classic']['r2']:.3f} | {s['classic']['mae']:.3f} |"
        )
    lines += ["", "| location + microscope | n | R² | MAE | bias |", "| --- | ---: | ---: | ---: | ---: |"]
    lines += [f"| {name} | {d['n']} | {d['r2']:.3f} | {d['mae']:.3f} | {d['bias']:+.3f} |" for name, d in report["domains"].items()]
    lines += ["", "Unseen microscope by true viability:", "", "| from | to | n | MAE | bias |", "| ---: | ---: | ---: | ---: | ---: |"]
    lines += [
        f"| {max(0.0, r['from']):.2f} | {r['to']:.2f} | {r['n']} | {r['mae']:.3f} | {r['bias']:+.3f} |"
        for r in report["splits"]["unseen"]["by_viability"]
    ]
    difference = report["splits"]["unseen"]["int8_minus_fp32"]
    lines += [
        "",
        f"int8 against fp32 on the unseen microscope: mean difference {difference['mean']:.4f}, largest {difference['max']:.4f}. "
        f"An image's number {'does not depend' if report['batch_independent'] else 'DEPENDS'} on its neighbours in a batch (compared to the bit).",
        "",
        "## Limits",
        "",
        "- Nothing here was measured on a real spheroid. A lab must train on its own labelled plates before it believes a number.",
        "- The unseen microscope's ranges lie between those of training, not beyond them: a new mechanism, but no extrapolation.",
        "- One seed: the spread over seeds was not measured.",
        "- ATP loss without a trace in the image cannot be seen; precipitate and coloured compounds can look like death.",
    ]
    return lines + (_ranges(mechanisms) if mechanisms else [])


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
