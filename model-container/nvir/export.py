"""From a checkpoint to what is served: ONNX with normalisation inside, quantised to int8 QDQ on real calibration images."""

from __future__ import annotations

import hashlib
import json
import tempfile
from pathlib import Path

import numpy as np
import onnx
import torch
from onnxruntime.quantization import CalibrationDataReader, CalibrationMethod, QuantFormat, QuantType, quantize_static
from torch import nn

from . import __version__
from .augment import tone_table
from .labels import load
from .network import NViR, state_sha256

INT8_FILE = "nvir-int8.onnx"
CALIBRATION_IMAGES = 192
BATCH = 16
OPSET = 13


def export(data: Path, run: Path, out: Path, say=print) -> None:
    """Writes `nvir-int8.onnx` and `model.json` for the best checkpoint of a run."""
    model = load_checkpoint(run / "best.pt")
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        fp32 = Path(scratch) / "nvir-fp32.onnx"
        write_onnx(model, fp32)
        quantise(fp32, out / INT8_FILE, calibration_images(data))
    identity = {
        "name": "nvir",
        "version": __version__,
        "sha256": state_sha256(model.state_dict()),
        "variants": {"int8": {"file": INT8_FILE, "sha256": hashlib.sha256((out / INT8_FILE).read_bytes()).hexdigest()}},
        "trainedOn": "simulation",
        "input": {"name": "images", "dtype": "uint8", "shape": ["N", 256, 256]},
        "output": {"name": "viability", "dtype": "float32", "shape": ["N"]},
    }
    (out / "model.json").write_text(json.dumps(identity, indent=2) + "\n")
    say(f"{out / INT8_FILE}: {(out / INT8_FILE).stat().st_size / 1e6:.1f} MB, source state {identity['sha256'][:12]}")


def load_checkpoint(path: Path) -> NViR:
    """A model in evaluation mode from a checkpoint of `train`."""
    model = NViR()
    model.load_state_dict(read_checkpoint(path)["model"])
    return model.eval()


def read_checkpoint(path: Path) -> dict:
    """What `train` kept beside the weights: plan, recipe, seed, losses, versions."""
    if not path.exists():
        raise SystemExit(f"{path} is not there: train first (`python -m nvir train --help`)")
    return torch.load(path, map_location="cpu")


def write_onnx(model: nn.Module, path: Path) -> None:
    """fp32 graph: `images` uint8 (N, 256, 256) to `viability` float32 (N,)."""
    torch.onnx.export(
        model,
        torch.zeros(2, 256, 256, dtype=torch.uint8),
        str(path),
        opset_version=OPSET,
        input_names=["images"],
        output_names=["viability"],
        dynamic_axes={"images": {0: "N"}, "viability": {0: "N"}},
        do_constant_folding=True,
    )


def calibration_images(data: Path) -> np.ndarray:
    """Training images over the full gray range: half as they are, half with the tone changes of training."""
    labelled = load(data)
    random = np.random.default_rng(0)
    rows = np.sort(random.choice(labelled.of_split("train"), min(CALIBRATION_IMAGES, len(labelled.of_split("train"))), replace=False))
    images = np.ascontiguousarray(labelled.images[rows])
    for i in range(0, len(images), 2):
        images[i] = tone_table(random)[images[i]]
    return images


class _Reader(CalibrationDataReader):
    def __init__(self, images: np.ndarray) -> None:
        self.batches = iter([{"images": images[i : i + BATCH]} for i in range(0, len(images), BATCH)])

    def get_next(self):
        return next(self.batches, None)


def kept_in_float(graph: onnx.GraphProto) -> list[str]:
    """Everything before and including the first convolution, and the head: there int8 costs accuracy and saves nothing."""
    names: list[str] = []
    for node in graph.node:
        names.append(node.name)
        if node.op_type == "Conv":
            break
    pooled = next(i for i, node in enumerate(graph.node) if node.op_type == "GlobalAveragePool")
    return names + [node.name for node in graph.node[pooled:]]


def quantise(fp32: Path, int8: Path, images: np.ndarray) -> None:
    """Static int8: weights a channel, activations a tensor, in QDQ form."""
    quantize_static(
        str(fp32),
        str(int8),
        _Reader(images),
        quant_format=QuantFormat.QDQ,
        per_channel=True,
        activation_type=QuantType.QUInt8,
        weight_type=QuantType.QInt8,
        calibrate_method=CalibrationMethod.MinMax,
        nodes_to_exclude=kept_in_float(onnx.load(str(fp32)).graph),
        extra_options={"ActivationSymmetric": False},
    )
