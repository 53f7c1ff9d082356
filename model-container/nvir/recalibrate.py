"""A model folder whose graphs end in the line of a recalibration: servers run it as any other, under an identity of its own."""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from pathlib import Path

import numpy as np
import onnx

from .recalibration import Recalibration, read_recalibration
from .serving.model_folder import read_model

# Outputs in the unit of viability, which stretch with it.
WIDTHS = ("half_width_90", "shared_half_width_90")
# What is done once an output is stretched: the operator and its number.
LAST_STEPS = {"viability": ("Add", "line_intercept"), "half_width_90": ("Max", "least_width")}


def width_factor(slope: float) -> float:
    """What half widths are multiplied by: the slope where it is above 1, else 1.

    A line moves what the model reads, and not what ATP and spheroids scatter about it: that scatter is as wide after a slope of
    a half as before it. A slope above 1 stretches the reading's own error with the reading.
    """
    return max(1.0, slope)


def recalibrate(model: Path, record: Path, out: Path, say=print) -> None:
    """Writes `out`: each variant of the folder `model` with the line at its end, and a `model.json` that holds the record.

    @throws SystemExit where the record is not of this model, or says too little; see `read_recalibration`.
    """
    recalibration = read_recalibration(record)
    description, files = _base(model)
    _must_belong(record, recalibration, model, description)
    out = out.resolve()
    if out.exists() and not (out.is_dir() and not any(out.iterdir())):
        raise SystemExit(f"{out} is there already: a model is never written over, choose another --out")
    out.parent.mkdir(parents=True, exist_ok=True)
    unfinished = Path(tempfile.mkdtemp(prefix=f"{out.name}.", dir=out.parent))
    try:
        identity = _write(unfinished, recalibration, description, files)
        unfinished.chmod(0o755)
        unfinished.replace(out)
    except BaseException:
        shutil.rmtree(unfinished)
        raise
    say(f"{out}: {', '.join(files)} of {description['version']} ({description['sha256'][:12]}…) with the line")
    say(
        f"viability = {recalibration.intercept:.4f} + {recalibration.slope:.4f} × the model's; "
        f"half widths × {width_factor(recalibration.slope):.4f}, and {recalibration.residual_90:.4f} at least"
    )
    say(f"version {identity['version']}, sha256 {identity['sha256']}")
    say("It is for the microscope and donor of its evidence alone; docs/train-your-own.md says how to deploy it.")


def _write(out: Path, recalibration: Recalibration, description: dict, files: dict[str, Path]) -> dict[str, str]:
    """The graphs and their `model.json`; returns the identity that answers will have."""
    variants = {}
    for variant, file in files.items():
        try:
            graph = with_line(onnx.load(str(file)), recalibration.slope, recalibration.intercept, recalibration.residual_90)
        except ValueError as error:
            raise SystemExit(f"{file} cannot be recalibrated ({error}): export the model again") from None
        onnx.save(graph, str(out / file.name))
        variants[variant] = {"file": file.name, "sha256": _sha256(out / file.name)}
    identity = recalibration.identity()
    # What was measured of the model is no statement about its line.
    kept = {name: of for name, of in description.items() if name != "calibration"}
    own = {name: of for name, of in description.items() if name == "calibration"}
    more = {"recalibrationOf": recalibration.model | own, "recalibration": recalibration.record}
    (out / "model.json").write_text(json.dumps(kept | identity | {"variants": variants} | more, indent=2) + "\n")
    return identity


def _sha256(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def _base(folder: Path) -> tuple[dict, dict[str, Path]]:
    """What `model.json` says, and the files that it names."""
    try:
        files = read_model(folder).files
    except (ValueError, OSError) as error:
        raise SystemExit(str(error)) from None
    return json.loads((folder / "model.json").read_text()), files


def _must_belong(record: Path, recalibration: Recalibration, folder: Path, description: dict) -> None:
    if "recalibrationOf" in description:
        raise SystemExit(
            f"{folder} is recalibrated already ({description['version']}): bridge the model that it came from "
            f"({description['recalibrationOf']['sha256']}) on all labelled plates, and recalibrate that one"
        )
    for name in ("sha256", "name", "version"):
        if recalibration.model[name] != description[name]:
            raise SystemExit(
                f"{record} is of another model: its {name} is {recalibration.model[name]}, that of {folder} {description[name]}: "
                "give the folder that `nvir bridge --model` read, or bridge this one"
            )


def with_line(model: onnx.ModelProto, slope: float, intercept: float, least_width: float) -> onnx.ModelProto:
    """The graph with `viability` = intercept + slope × what it was; half widths × `width_factor`, the whole one `least_width` at least,
    for a microscope may be noisier than those that set it; every other output as it was.

    @throws ValueError where it has no viability.
    """
    graph = model.graph
    outputs = [output.name for output in graph.output]
    if "viability" not in outputs:
        raise ValueError("its graph has no output called viability")
    changed = [name for name in outputs if name == "viability" or name in WIDTHS]
    former = {name: f"{name}_as_trained" for name in changed}
    for node in graph.node:
        node.input[:] = [former.get(name, name) for name in node.input]
        node.output[:] = [former.get(name, name) for name in node.output]
    numbers = {"line_slope": slope, "line_intercept": intercept, "width_factor": width_factor(slope), "least_width": least_width}
    for name, value in numbers.items():
        graph.initializer.append(onnx.numpy_helper.from_array(np.array(value, dtype=np.float32), name))
    for name in changed:
        by = "line_slope" if name == "viability" else "width_factor"
        then = LAST_STEPS.get(name)
        stretched = f"{name}_stretched" if then else name
        graph.node.append(onnx.helper.make_node("Mul", [former[name], by], [stretched], name=f"{name}_by_{by}"))
        if then:
            graph.node.append(onnx.helper.make_node(then[0], [stretched, then[1]], [name], name=f"{name}_with_{then[1]}"))
    onnx.checker.check_model(model)
    return model
