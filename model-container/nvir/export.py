"""From a checkpoint to what is served: ONNX with normalisation inside, quantised to int8 QDQ on real calibration images."""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnx
import torch
from onnxruntime.quantization import CalibrationDataReader, CalibrationMethod, QuantFormat, QuantType, quantize_static
from torch import nn

from . import __version__
from .augment import tone_table
from .calibrate import calibrate
from .calibration import Calibrated
from .checkpoint_file import read_weights
from .dataset_digest import must_be_of
from .holdout import HOLDOUT_FILE
from .labels import LabelledSet, load
from .network import NViR, state_sha256
from .whole_file import write_json

VARIANTS = ("int8", "fp16", "fp32")
SHIPPED_VARIANTS = ("int8", "fp16")
CALIBRATION_IMAGES = 192
BATCH = 16
OPSET = 13


def export(data: Path, run: Path, out: Path, variants: Sequence[str] = SHIPPED_VARIANTS, say=print) -> None:
    """Writes `nvir-{variant}.onnx` and `model.json` for the best checkpoint of a run; all variants are one model.

    `out/holdout.json`, where there is one, tells how far intervals must reach on domains never trained on (`holdout.py`).
    """
    checkpoint = read_checkpoint(run / "best.pt")
    model = model_of(checkpoint)
    labelled = load(data)
    must_be_of(labelled.digest, checkpoint.get("data"), str(run), "export it with the set that it was trained on, by --data", say)
    _keep_apart(out, trained_on(labelled))
    out.mkdir(parents=True, exist_ok=True)
    calibration, evidence = calibrate(model, labelled, out / HOLDOUT_FILE, say)
    # Beside where they go, so that a stop leaves the model that was there.
    with tempfile.TemporaryDirectory(prefix=".export-", dir=out) as scratch:
        fp32, made = Path(scratch) / "source.onnx", Path(scratch) / "made"
        made.mkdir()
        calibrated = Calibrated(model, calibration).eval()
        write_onnx(calibrated, fp32)
        write_variants(fp32, made, variants, calibration_images(labelled))
        write_identity(made, state_sha256(model.state_dict()), variants, calibrated.outputs, trained_on(labelled), evidence)
        _put(made, out)
    for variant in variants:
        say(f"{file_of(variant)}: {(out / file_of(variant)).stat().st_size / 1e6:.1f} MB")


def _put(made: Path, out: Path) -> None:
    """Moves the files of a model into its folder; in the moment between, servers find none rather than half of two."""
    (out / "model.json").unlink(missing_ok=True)
    for file in sorted(made.iterdir(), key=lambda file: file.name == "model.json"):
        file.replace(out / file.name)


def _keep_apart(out: Path, made_of: str) -> None:
    """The folder of the simulation's model also holds what was measured of it: nothing of it is true of a lab's."""
    identity = out / "model.json"
    if not identity.exists() or made_of == "simulation":
        return
    if json.loads(identity.read_text()).get("trainedOn") == "simulation":
        raise SystemExit(f"{out} holds a model of the simulation: choose another folder for this one, by --out")


def trained_on(labelled: LabelledSet) -> str:
    """What `model.json` says of the labelled set: drawn images make a model of the simulation, whatever labels they carry."""
    return "simulation" if labelled.simulated else "labelled plates"


def file_of(variant: str) -> str:
    """Name of a variant's file beside `model.json`."""
    return f"nvir-{variant}.onnx"


def write_variants(fp32: Path, out: Path, variants: Sequence[str], images: np.ndarray | None) -> None:
    """The asked variants of an fp32 graph; int8 needs images to measure ranges on."""
    if "fp32" in variants:
        shutil.copyfile(fp32, out / file_of("fp32"))
    if "fp16" in variants:
        onnx.save(halve(onnx.load(str(fp32))), str(out / file_of("fp16")))
    if "int8" in variants and images is not None:
        quantise(fp32, out / file_of("int8"), images)


def write_identity(
    out: Path,
    state_sha: str,
    variants: Sequence[str],
    outputs: Sequence[str],
    trained_on: str,
    evidence: dict | None,
    more: dict | None = None,
) -> None:
    """`model.json`: what every answer says of the model, and what it is made of."""
    files = {v: {"file": file_of(v), "sha256": hashlib.sha256((out / file_of(v)).read_bytes()).hexdigest()} for v in variants}
    tensor = {"dtype": "float32", "shape": ["N"]}
    identity = {
        "name": "nvir",
        "version": __version__,
        "sha256": state_sha,
        "variants": files,
        "trainedOn": trained_on,
        "input": {"name": "images", "dtype": "uint8", "shape": ["N", 256, 256]},
        "output": {"name": "viability", **tensor},
        "outputs": [{"name": name, **tensor} for name in outputs],
        **({"calibration": evidence} if evidence else {}),
        **(more or {}),
    }
    write_json(out / "model.json", identity)


def load_checkpoint(path: Path) -> NViR:
    """A model in evaluation mode from a checkpoint of `train`."""
    return model_of(read_checkpoint(path))


def model_of(checkpoint: dict) -> NViR:
    """A model in evaluation mode from what `read_checkpoint` gives."""
    model = NViR()
    model.load_state_dict(checkpoint["model"])
    return model.eval()


def read_checkpoint(path: Path) -> dict:
    """What `train` kept beside the weights: plan, recipe, seed, losses, versions."""
    if not path.exists():
        raise SystemExit(f"{path} is not there: train first (`python -m nvir train --help`)")
    return read_weights(path)


def write_onnx(model: nn.Module, path: Path) -> None:
    """fp32 graph: `images` uint8 (N, 256, 256) to float32 (N,): `viability`, and what a calibrated model adds."""
    outputs = list(getattr(model, "outputs", ("viability",)))
    torch.onnx.export(
        model,
        torch.zeros(2, 256, 256, dtype=torch.uint8),
        str(path),
        opset_version=OPSET,
        input_names=["images"],
        output_names=outputs,
        dynamic_axes={name: {0: "N"} for name in ("images", *outputs)},
        do_constant_folding=True,
    )


def calibration_images(labelled: LabelledSet) -> np.ndarray:
    """Training images over the full gray range: half as they are, half with the tone changes of training."""
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
    """Everything before and including the first convolution, and the head: there fewer bits cost accuracy and save nothing."""
    names: list[str] = []
    for node in graph.node:
        names.append(node.name)
        if node.op_type == "Conv":
            break
    pooled = next(i for i, node in enumerate(graph.node) if node.op_type == "GlobalAveragePool")
    return names + [node.name for node in graph.node[pooled:]]


def halve(model: onnx.ModelProto) -> onnx.ModelProto:
    """Half precision from the first convolution to the pooling, float before it, in the head and in the calibration.

    By hand, because ONNX Runtime's converter puts a cast to half and back between any two nodes that it is told to leave alone.
    """
    graph = model.graph
    kept = set(kept_in_float(graph))
    first = next(node for node in graph.node if node.op_type == "Conv")
    pool = next(node for node in graph.node if node.op_type == "GlobalAveragePool")
    halved = [node for node in graph.node if node.name not in kept or node is first]
    weights = {name for node in halved for name in node.input}
    for tensor in graph.initializer:
        if tensor.name in weights and tensor.data_type == onnx.TensorProto.FLOAT:
            tensor.CopyFrom(onnx.numpy_helper.from_array(onnx.numpy_helper.to_array(tensor).astype(np.float16), tensor.name))
    del graph.value_info[:]
    for node, to, name in ((first, onnx.TensorProto.FLOAT16, "to_half"), (pool, onnx.TensorProto.FLOAT, "to_float")):
        cast = onnx.helper.make_node("Cast", [node.input[0]], [name], name=name, to=to)
        graph.node.insert(list(graph.node).index(node), cast)
        node.input[0] = name
    onnx.checker.check_model(model)
    return model


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
    onnx.save(pool_before_rectifying(onnx.load(str(int8))), str(int8))


def pool_before_rectifying(model: onnx.ModelProto) -> onnx.ModelProto:
    """The first pooling before its ReLU instead of behind it: the same numbers, for the two commute.

    ONNX Runtime moves a quantisation up through a pooling, and its byte pooling takes five times as long as its float one on the
    same CPU: a quarter of the whole network. A ReLU between the two keeps the pooling in float.
    """
    graph = model.graph
    pool = next(node for node in graph.node if node.op_type == "MaxPool")
    relu = next(node for node in graph.node if pool.input[0] in node.output)
    if relu.op_type != "Relu":
        raise ValueError(f"{pool.name} follows {relu.op_type}, not a ReLU: they cannot change places")
    pooled = pool.output[0]
    pool.input[0], pool.output[0] = relu.input[0], f"{pooled}_before_relu"
    relu.input[0], relu.output[0] = pool.output[0], pooled
    nodes = list(graph.node)
    first, second = nodes.index(relu), nodes.index(pool)
    nodes[first], nodes[second] = pool, relu
    del graph.node[:]
    graph.node.extend(nodes)
    # Shapes noted for the former order.
    del graph.value_info[:]
    onnx.checker.check_model(model)
    return model
