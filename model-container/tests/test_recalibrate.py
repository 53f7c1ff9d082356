"""A recalibrated folder serves the line of its record under an identity of its own; records that should not be served are refused."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import onnx
import pytest
import torch
from onnx import TensorProto, helper
from onnxruntime import InferenceSession
from serving import SHIPPED, call, npy, pictures, serving

from nvir.golden import CONTRACT, golden_images, run_one_by_one
from nvir.recalibrate import recalibrate, width_factor, with_line
from nvir.recalibration import LIMITS, read_recalibration
from nvir.record_digest import canonical, record_digest
from nvir.serving.backends import OnnxBackend
from nvir.serving.model_folder import ModelFolder, read_model
from nvir.serving.torch_backend import load_graph
from nvir.serving.wire import NAMES

KEPT = CONTRACT / "recalibration"
RECORD = json.loads((KEPT / "record.json").read_text())
SLOPE, INTERCEPT = RECORD["line"]["slope"]["value"], RECORD["line"]["intercept"]["value"]
IDENTITY = ("name", "version", "sha256")
LEAST = RECORD["evidence"]["crossValidation"]["residual90"]
NOTHING = -np.inf
# Slope, intercept and least value. Of a slope below 1, as the kept record's is, half widths are not narrowed.
STRETCHED = {
    "viability": (SLOPE, INTERCEPT, NOTHING),
    "halfWidth90": (1, 0, LEAST),
    "sharedHalfWidth90": (1, 0, NOTHING),
    "domainDistance": (1, 0, NOTHING),
}


def on_the_line(name: str, values: list[float]) -> np.ndarray:
    slope, intercept, least = STRETCHED[name]
    return np.maximum(intercept + slope * np.array(values), least)


def quiet(*_a) -> None:
    pass


def written(path: Path, change=lambda record: None) -> Path:
    """The kept record with a change, sealed anew: as a bridge that found that would have written it."""
    record = json.loads(json.dumps(RECORD))
    change(record)
    path.write_text(json.dumps(seal(record)))
    return path


def seal(record: dict) -> dict:
    record["sha256"] = record_digest(record)
    model = record.get("model")
    if isinstance(model, dict):
        record["version"] = f"{model.get('version')}+bridge.{record.get('recordedOn')}.{record['sha256'][:8]}"
    return record


def edited(path: Path, change) -> Path:
    """The kept record as somebody with an editor left it."""
    record = json.loads(json.dumps(RECORD))
    change(record)
    path.write_text(json.dumps(record))
    return path


def of_shipped(record: dict) -> None:
    identity = json.loads((SHIPPED / "model.json").read_text())
    record["model"] = {name: identity[name] for name in ("name", "version", "sha256")}


@pytest.fixture(scope="module")
def shipped(tmp_path_factory) -> Path:
    """The shipped weights with the line of the kept record."""
    folder = tmp_path_factory.mktemp("recalibrated")
    recalibrate(SHIPPED, written(folder / "record.json", of_shipped), folder / "model", say=quiet)
    return folder / "model"


def test_the_kept_folder_is_what_this_code_writes(tmp_path) -> None:
    """The other server's tests run it. After a change: `python -m nvir recalibrate` anew, as README.md says."""
    recalibrate(KEPT / "base", KEPT / "record.json", tmp_path / "out", say=quiet)
    new, kept = (json.loads((folder / "model.json").read_text()) for folder in (tmp_path / "out", KEPT / "recalibrated"))
    # How a message is written to bytes is for the library of protocol buffers to say.
    assert new | {"variants": None} == kept | {"variants": None}
    assert onnx.load(str(tmp_path / "out" / "tiny.onnx")) == onnx.load(str(KEPT / "recalibrated" / "tiny.onnx"))


def test_both_folders_served_differ_by_the_line_and_by_identity() -> None:
    images, answers = pictures(5), []
    for name in ("base", "recalibrated"):
        model = read_model(KEPT / name)
        with serving(lambda model=model: (OnnxBackend(model), model.identity_of("int8"))) as (url, _):
            answers.append(call(f"{url}/invocations", npy(images))[1])
    base, line = answers
    assert set(base) == set(line) == {*STRETCHED, "model"}
    for name in STRETCHED:
        np.testing.assert_allclose(line[name], on_the_line(name, base[name]), rtol=1e-6, err_msg=name)
    assert line["model"]["version"] == RECORD["version"]
    assert line["model"]["sha256"] != base["model"]["sha256"]


@pytest.mark.parametrize("variant", ["int8", "fp16"])
def test_the_shipped_weights_say_their_golden_numbers_on_the_line(shipped, variant) -> None:
    golden = json.loads((CONTRACT / "golden.json").read_text())["variants"][variant]
    said = run_one_by_one(OnnxBackend(read_model(shipped), variant, cpus=1), golden_images())
    bound = json.loads((CONTRACT / "cases.json").read_text())["boundBetweenServers"]
    assert min(golden["halfWidth90"]) > LEAST  # Else the least width alone would be tested.
    for name in STRETCHED:
        np.testing.assert_allclose(said[name], on_the_line(name, golden[name]), atol=bound, rtol=0, err_msg=name)


def test_a_gpus_graph_says_what_onnx_runtime_says(shipped) -> None:
    model, images = read_model(shipped), pictures(3)
    graph, variant = load_graph(ModelFolder({"fp16": model.files["fp16"]}, model.identity), "cpu")
    with torch.inference_mode():
        ours = {name: values.numpy() for name, values in graph(torch.from_numpy(images)).items()}
    theirs = OnnxBackend(model, variant, cpus=1).run(images, 0)
    assert set(ours) == set(theirs) == set(NAMES)
    for name, values in theirs.items():
        np.testing.assert_allclose(ours[name], values, atol=5e-3, rtol=1e-2, err_msg=name)


def test_the_folder_tells_its_model_and_its_evidence(shipped) -> None:
    told, base = (json.loads((folder / "model.json").read_text()) for folder in (shipped, SHIPPED))
    assert {name: told["recalibrationOf"][name] for name in IDENTITY} == {name: base[name] for name in IDENTITY}
    assert told["recalibration"]["evidence"] == RECORD["evidence"]
    assert (told["name"], told["outputs"]) == (base["name"], base["outputs"])


def test_what_the_calibration_says_stays_with_the_model_that_it_was_measured_on(shipped) -> None:
    told, base = (json.loads((folder / "model.json").read_text()) for folder in (shipped, SHIPPED))
    assert base["calibration"]["coverage"] == 0.9
    assert "calibration" not in told
    assert told["recalibrationOf"]["calibration"] == base["calibration"]


@pytest.mark.parametrize(("slope", "factor"), [(0.34, 1), (0.9, 1), (1, 1), (1.5, 1.5), (3, 3)])
def test_half_widths_are_stretched_and_never_narrowed_and_have_a_least(slope, factor) -> None:
    images = np.stack([np.full((256, 256), level, np.uint8) for level in (0, 51, 200, 255)])

    def said(graph: onnx.ModelProto) -> dict[str, np.ndarray]:
        names = [output.name for output in graph.graph.output]
        return dict(zip(names, InferenceSession(graph.SerializeToString()).run(names, {"images": images}), strict=True))

    before = said(onnx.load(str(KEPT / "base" / "tiny.onnx")))
    after = said(with_line(onnx.load(str(KEPT / "base" / "tiny.onnx")), slope, 0.1, 0.002))
    np.testing.assert_allclose(after["half_width_90"], np.maximum(factor * before["half_width_90"], 0.002), rtol=1e-6)
    np.testing.assert_allclose(after["shared_half_width_90"], factor * before["shared_half_width_90"], rtol=1e-6)
    np.testing.assert_allclose(after["viability"], 0.1 + slope * before["viability"], rtol=1e-6)
    assert (after["shared_half_width_90"] <= after["half_width_90"]).all()


@pytest.mark.parametrize("slope", [0.4, 0.6, 0.8, 1.0, 1.25, 1.6, 2.5])
@pytest.mark.parametrize("error_is", ["of the spheroid", "of the reading"])
def test_recalibrated_widths_hold_what_the_models_own_promised(slope, error_is) -> None:
    """Of wells like those that set the widths, on a microscope that turns them by a line: 90 % of ATP labels, and of the truth."""
    random = np.random.default_rng(0)
    truth = random.uniform(0, 1, 20_000)
    error = 0.07 * random.normal(size=truth.shape)
    labels = truth * (1 + 0.12 * random.normal(size=truth.shape)) + 0.02 * random.normal(size=truth.shape)
    width = np.quantile(np.abs(truth + error - labels), 0.9)

    def on_the_microscope(viability: np.ndarray) -> np.ndarray:
        return (viability - 0.5) / slope + 0.5

    read = on_the_microscope(truth + error) if error_is == "of the spheroid" else on_the_microscope(truth) + error
    fitted, intercept = np.polyfit(read, labels, 1)
    mended = intercept + fitted * read
    for what in (labels, truth):
        assert np.mean(np.abs(mended - what) <= width * width_factor(fitted)) > 0.895


def test_every_byte_of_evidence_makes_another_model(tmp_path) -> None:
    def identity(name: str, change) -> str:
        return read_recalibration(written(tmp_path / name, change)).identity()["sha256"]

    def other_line(record: dict) -> None:
        record["line"]["intercept"]["value"] += 1e-9

    same, reordered = tmp_path / "same", tmp_path / "reordered"
    same.write_text(json.dumps(RECORD, indent=4).replace("120,", "1.2e2,"))
    reordered.write_text(json.dumps(dict(reversed(RECORD.items()))))
    assert read_recalibration(same).identity() == read_recalibration(reordered).identity()

    def other_plate(record: dict) -> None:
        record["evidence"]["of"][0] = "s/other"

    changes = (lambda r: None, other_line, other_plate, lambda r: r["model"].update(sha256="e" * 64))
    assert len({identity(f"{i}.json", change) for i, change in enumerate(changes)}) == 4


def put(path: str, value):
    def change(record: dict) -> None:
        *parents, last = path.split(".")
        for parent in parents:
            record = record[parent]
        if value is KeyError:
            del record[last]
        else:
            record[last] = value

    return change


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        ("kind", "study", r"no record of a recalibration \(its kind is study.*: write one with `npx nvir bridge"),
        ("kind", KeyError, "its kind is None"),
        ("schema", 3, "has the schema 3; this version knows 2: use the nvir that wrote it, or write one with `npx nvir bridge"),
        ("schema", True, "has the schema True"),
        ("line.slope.value", -0.4, "slope outside its own interval"),
        (
            "line.slope",
            {"low": -0.5, "value": -0.4, "high": -0.35},
            "slope -0.4: more alive would read as more dead: train on these plates",
        ),
        ("line.slope", {"low": -0.1, "value": 0, "high": 0.1}, "slope 0: more alive"),
        ("line.slope", {"low": 0.2, "value": 0.5, "high": 0.8}, r"slope 0.5 \(0.2 to 0.8\), which reaches outside 0.33 to 3"),
        ("line.slope", {"low": 2.9, "value": 2.95, "high": 3.1}, "reaches outside 0.33 to 3: train"),
        ("line.slope", {"low": 0.5, "value": "0.7", "high": 0.8}, "line.slope.value no number"),
        ("line.intercept", KeyError, "lacks line.intercept.low"),
        ("line", [1, 2], "lacks line.slope.low"),
        ("evidence", KeyError, "lacks evidence.wells"),
        ("evidence.wells", 47, "rests on 47 wells; a recalibration needs 48: label more plates, and bridge again"),
        ("evidence.plates", 3, "rests on 3 plates; a recalibration needs 4"),
        ("evidence.crossValidation", None, "lacks evidence.crossValidation.gain.low"),
        ("evidence.crossValidation.gain", {"low": -0.01, "value": 0.02, "high": 0.05}, "takes 0.02 .* 0.01 is asked for"),
        ("evidence.crossValidation.gain", {"low": 0.001, "value": 0.002, "high": 0.003}, "takes 0.002 .*: serve the model as it is"),
        ("evidence.wells", 60.5, r"says of evidence.wells no whole number \(60.5\)"),
        ("evidence.plates", True, r"says of evidence.plates no number \(True\)"),
        ("evidence.of", [], r"says of evidence.of no list of texts \(\[\]\)"),
        ("evidence.of", "s/P0", "says of evidence.of no list of texts"),
        ("evidence.of", ["s/P0", "", "s/P2", "s/P3", "s/P4"], "says of evidence.of no list of texts"),
        ("evidence.of", ["s/P0"] * 4, "names 4 plates in evidence.of, and counts 5 in evidence.plates"),
        ("evidence.crossValidation.verdictAfter", "does not hold", "that the model does not hold with the line either .*: train on these"),
        ("evidence.crossValidation.verdictAfter", "perfect", "evidence.crossValidation.verdictAfter neither .*perfect"),
        ("evidence.crossValidation.verdictAfter", KeyError, "lacks evidence.crossValidation.verdictAfter"),
        ("evidence.before.verdict", None, "says of evidence.before.verdict no text"),
        ("line.intercept", {"low": 1.0, "value": 1.01, "high": 1.1}, r"makes 1.01 of a reading of 0 \(line\), .* more than 1 away"),
        ("line.intercept", {"low": -1.7, "value": -1.69, "high": 0}, "makes -1.69 of a reading of 0"),
        ("line.intercept", {"low": 1e38, "value": 1e39, "high": 1e40}, "makes 1e[+]39 of a reading of 0"),
        ("line.slope", {"low": 2.4, "value": 2.5, "high": 2.6}, r"makes 2.61804 of a reading of 1"),
        (
            "evidence.crossValidation.residual90",
            1.5,
            "says of evidence.crossValidation.residual90 1.5, which is not from 0 to 1: an interval",
        ),
        ("evidence.crossValidation.residual90", -0.1, "which is not from 0 to 1"),
        ("evidence.crossValidation.residual90", KeyError, "lacks evidence.crossValidation.residual90: write one"),
        ("line.predictedRange", {"low": 0.9, "high": 0.1}, "line.predictedRange from 0.9 to 0.1"),
        ("line.predictedRange", KeyError, "lacks line.predictedRange.low"),
        ("recordedOn", "2026-13-02", r"says of recordedOn no day \(2026-13-02\): write one"),
        ("recordedOn", "20260602", "says of recordedOn no day"),
        ("recordedOn", "", "says of recordedOn no text"),
        ("model.sha256", "0" * 64, f"is of another model: its sha256 is {'0' * 64}, that of .*base {'f' * 64}: give the folder"),
        ("model.sha256", "F" * 64, r"says of model.sha256 no SHA-256 \(FFF"),
        ("model.name", "other", "its name is other, that of .* tiny"),
        ("model", None, "lacks model.name"),
    ],
)
def test_a_record_that_should_not_be_served_is_refused(tmp_path, path, value, said) -> None:
    record = written(tmp_path / "record.json", put(path, value))
    with pytest.raises(SystemExit, match=said) as refusal:
        recalibrate(KEPT / "base", record, tmp_path / "out", say=quiet)
    assert "record.json" in str(refusal.value)
    assert [file.name for file in tmp_path.iterdir()] == ["record.json"]


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("line.slope.value", 0.68),
        ("line.slope", {"low": 0.9, "value": 1.0, "high": 1.1}),
        ("line.intercept.value", 0.11803777673763),
        ("line.intercept", {"low": -1e9, "value": 1e9, "high": 1e9}),
        ("line.intercept.high", 0.2),
        ("evidence.of", ["s/P0", "s/P1", "s/P2", "s/P3", "other/P4"]),
        ("evidence.wells", 121),
        ("evidence.sha256", "0" * 64),
        ("evidence.crossValidation.verdictAfter", "cannot be said"),
        ("evidence.before.criteria", []),
        ("recordedOn", "2026-06-02"),
        ("model.sha256", "0" * 64),
        ("comment", "with my regards"),
        ("sha256", "0" * 64),
    ],
)
def test_a_record_that_was_edited_is_refused(tmp_path, path, value) -> None:
    record = edited(tmp_path / "record.json", put(path, value))
    with pytest.raises(SystemExit, match=r"record.json was changed after it was written \(sha256 .*: write one with"):
        recalibrate(KEPT / "base", record, tmp_path / "out", say=quiet)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("version", ["1.0.0", "1.0.0+bridge.2026-06-01.00000000", f"1.0.1{RECORD['version'][5:]}"])
def test_a_version_is_that_of_model_day_and_record(tmp_path, version) -> None:
    record = edited(tmp_path / "record.json", put("version", version))
    with pytest.raises(SystemExit, match=r"calls itself .*, which is not of its model, day and content: it was changed: write one"):
        read_recalibration(record)


@pytest.mark.parametrize("case", json.loads((KEPT / "canonical.json").read_text()), ids=str)
def test_the_canonical_text_is_the_one_that_the_bridge_makes(case) -> None:
    assert canonical(case["value"]) == case["canonical"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is no JSON"),
        (b"PK\x03\x04\xff", "is no JSON"),
        (b"[1]", "holds no object"),
        (b"[" * 100_000, "is no JSON"),
        (b'{"kind": NaN}', "no finite number: NaN"),
        (b'{"kind": 1e999}', "no finite number: 1e999"),
        (b'{"kind": 1' + b"0" * 400 + b"}", "no finite number: 1000"),
        (b'{"kind": 1, "kind": 2}', "a name stands twice"),
        (b" " * 1_000_001, "has 1 MB: no record"),
    ],
)
def test_what_is_no_record_is_told_so(tmp_path, content, said) -> None:
    (tmp_path / "record.json").write_bytes(content)
    with pytest.raises(SystemExit, match=f"record.json.*{said}.*: write one with"):
        read_recalibration(tmp_path / "record.json")


def test_nothing_in_a_record_ends_otherwise_than_in_a_sentence(tmp_path) -> None:
    random = np.random.default_rng(0)
    odd = [None, True, -1, 0, 1e300, "", "x" * 1000, "\ud800", [], {}, [RECORD], {"value": {}}, 10**30]
    told: list[str] = []
    for number in range(400):
        record = json.loads(json.dumps(RECORD))
        part, key = record, random.choice(list(record))
        while isinstance(part[key], dict) and random.uniform() < 0.8:
            part, key = part[key], random.choice(list(part[key]))
        part[key] = odd[number % len(odd)]
        # Half of them as if a bridge had written that: the seal alone would refuse all.
        (tmp_path / "record.json").write_text(json.dumps(seal(record) if number % 2 else record))
        try:
            read_recalibration(tmp_path / "record.json").identity()
        except SystemExit as refusal:
            told.append(str(refusal))
    assert len(told) > 200
    assert all(20 < len(text) < 400 + len(str(tmp_path)) for text in told)


def test_a_record_that_is_not_there_is_told_so(tmp_path) -> None:
    with pytest.raises(SystemExit, match=r"none.json cannot be read \(No such file"):
        read_recalibration(tmp_path / "none.json")


def test_a_line_over_a_line_is_refused_and_no_model_is_written_over(tmp_path) -> None:
    told = json.loads((KEPT / "recalibrated" / "model.json").read_text())
    of_line = written(tmp_path / "again.json", lambda r: r.update(model={name: told[name] for name in ("name", "version", "sha256")}))
    with pytest.raises(SystemExit, match=f"recalibrated already .*bridge the model that it came from \\({'f' * 64}\\)"):
        recalibrate(KEPT / "recalibrated", of_line, tmp_path / "out", say=quiet)
    shutil.copytree(KEPT / "base", tmp_path / "there")
    for out in ("there", "again.json"):
        with pytest.raises(SystemExit, match=f"{out} is there already"):
            recalibrate(KEPT / "base", KEPT / "record.json", tmp_path / out, say=quiet)


def test_a_file_that_is_not_the_one_named_is_refused(tmp_path) -> None:
    shutil.copytree(KEPT / "base", tmp_path / "base")
    shutil.copy(KEPT / "recalibrated" / "tiny.onnx", tmp_path / "base" / "tiny.onnx")
    with pytest.raises(SystemExit, match="tiny.onnx is not the file that .*model.json names"):
        recalibrate(tmp_path / "base", KEPT / "record.json", tmp_path / "out", say=quiet)
    (tmp_path / "base" / "tiny.onnx").unlink()
    with pytest.raises(SystemExit, match="tiny.onnx, named in model.json, is not there"):
        recalibrate(tmp_path / "base", KEPT / "record.json", tmp_path / "out", say=quiet)


def test_a_model_that_says_viability_only_gets_the_line_too() -> None:
    def model(name: str) -> onnx.ModelProto:
        values = [helper.make_tensor_value_info(of, TensorProto.FLOAT, ["N"]) for of in ("x", name)]
        graph = helper.make_graph([helper.make_node("Relu", ["x"], [name])], "g", values[:1], values[1:])
        return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)])

    changed = with_line(model("viability"), 0.5, 0.25, 0.1).graph
    assert [output.name for output in changed.output] == ["viability"]
    assert changed.node[-1].output[:] == ["viability"]
    with pytest.raises(ValueError, match="no output called viability"):
        with_line(model("alive"), 0.5, 0.25, 0.1)


def test_the_limits_are_there_beside_the_contract() -> None:
    limits = json.loads(LIMITS.read_text())
    assert limits["slope"]["atLeast"] > 0
    assert RECORD["evidence"]["wells"] >= limits["wells"]
