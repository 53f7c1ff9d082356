"""`python -m nvir import`: published weights as a run that exports and serves like one trained here."""

from __future__ import annotations

import tempfile
from dataclasses import asdict
from pathlib import Path

import torch

from .export import calibration_images, write_identity, write_onnx, write_variants
from .labels import load
from .network import NViR, state_sha256
from .plans import PLANS
from .published import read_published


def import_published(checkpoint: Path, out: Path, data: Path | None, say=print) -> None:
    """Writes `best.pt` (for `export` and `evaluate`), ONNX files and `model.json` to `out`.

    Without `data` there is no int8, whose ranges must be measured on images; and in neither case intervals or distances:
    those need labelled plates, by `export`.
    """
    state, source = read_published(checkpoint)
    model = NViR()
    model.load_state_dict(state)
    model.eval()
    out.mkdir(parents=True, exist_ok=True)
    torch.save(
        {"model": state, "plan": "published", "recipe": asdict(PLANS["paper"]), "seed": "unknown", "source": source}, out / "best.pt"
    )
    variants = ("fp32", "fp16", *(("int8",) if data else ()))
    with tempfile.TemporaryDirectory() as scratch:
        fp32 = Path(scratch) / "nvir-fp32.onnx"
        write_onnx(model, fp32)
        write_variants(fp32, out, variants, calibration_images(load(data)) if data else None)
    write_identity(out, state_sha256(state), variants, ("viability",), "published weights", None, {"source": source})
    say(f"{out}: {', '.join(variants)} of {source['file']} ({source['sha256'][:12]}…), {source['ignoredTensors']} tensors ignored")
    say("viability only: for intervals and domain distances run `export` on labelled plates")
