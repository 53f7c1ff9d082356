"""What is committed belongs together: card, identity, weights."""

import hashlib
import json
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest

from nvir.judge.sessions import neighbours_do_not_matter, open_session, run_session

ROOT = Path(__file__).resolve().parents[1]
MODEL = ROOT / "model"


def test_the_cards_first_line_warns() -> None:
    first = (MODEL / "MODEL_CARD.md").read_text().splitlines()[0]
    assert "simulated spheroids" in first
    assert "not for decisions about real drugs" in first


def test_the_card_speaks_of_the_shipped_weights() -> None:
    identity = json.loads((MODEL / "model.json").read_text())
    assert identity["sha256"][:16] in (MODEL / "MODEL_CARD.md").read_text()
    assert set(identity["variants"]) == {"int8", "fp16"}
    for variant in identity["variants"].values():
        assert hashlib.sha256((MODEL / variant["file"]).read_bytes()).hexdigest() == variant["sha256"]
    assert (MODEL / "nvir-int8.onnx").stat().st_size < 13_000_000


def test_measured_on_the_unseen_microscope() -> None:
    unseen = json.loads((MODEL / "evaluation.json").read_text())["splits"]["unseen"]
    assert unseen["int8"]["r2"] >= 0.9
    assert unseen["int8"]["mae"] <= 0.07
    assert unseen["classic"]["r2"] < 0.8
    assert unseen["classic_augmented"]["r2"] < 0.8
    assert 0.85 <= unseen["uncertainty"]["all"]["of_labels"] <= 0.95
    assert unseen["variants"]["fp16"]["max"] < 0.01
    assert unseen["variants"]["int8"]["max"] < 0.05


def test_pitfalls_and_learning_curve_are_measured_of_the_shipped_weights() -> None:
    found = json.loads((MODEL / "evaluation.json").read_text())
    loss = found["pitfalls"]["kinds"]["loss-without-trace"]
    assert loss["same_pictures"]
    assert {step[place]["change"] for step in loss["steps"] for place in ("known", "unseen")} == {0}
    assert len(found["pitfalls"]["kinds"]) == 6
    assert [point["plates"] for point in found["holdout"]["curve"]] == [16, 32, 65, 130]


def test_the_files_say_what_was_measured_of_the_outputs() -> None:
    identity = json.loads((MODEL / "model.json").read_text())
    names = [output["name"] for output in identity["outputs"]]
    assert names == ["viability", "half_width_90", "domain_distance", "shared_half_width_90"]
    for variant in identity["variants"].values():
        said = open_session(MODEL / variant["file"])
        assert [output.name for output in said.get_outputs()] == names


def test_int8_pools_in_float(tmp_path: Path) -> None:
    """Byte pooling costs a quarter of the network, and ONNX Runtime makes it of a float one unless the graph keeps them apart."""
    options = onnxruntime.SessionOptions()
    options.optimized_model_filepath = str(tmp_path / "optimised.onnx")
    onnxruntime.InferenceSession(str(MODEL / "nvir-int8.onnx"), options, providers=["CPUExecutionProvider"])
    graph = onnx.load(options.optimized_model_filepath).graph
    pool = next(node for node in graph.node if node.op_type == "MaxPool")
    before = next(node for node in graph.node if pool.input[0] in node.output)
    assert before.op_type in ("Conv", "FusedConv")


def test_blank_fields_are_out_of_domain_in_both_variants() -> None:
    blank = np.repeat(np.arange(60, 220, 40, dtype=np.uint8), 256 * 256).reshape(-1, 256, 256)
    for variant in ("int8", "fp16"):
        assert (run_session(open_session(MODEL / f"nvir-{variant}.onnx"), blank).domain_distance > 1).all()


def test_the_shipped_reach_and_share_are_those_of_the_held_out_domains() -> None:
    holdout = json.loads((MODEL / "holdout.json").read_text())
    calibration = json.loads((MODEL / "model.json").read_text())["calibration"]
    assert {name: calibration[name] for name in holdout["reach"]} == holdout["reach"]
    assert calibration["sharedAtKnots"] == holdout["shared"]["at_knots"]
    assert calibration["sharedDomains"] == len(holdout["shared"]["by_domain"]) == 6


def random_images(n: int) -> np.ndarray:
    return np.random.default_rng(3).integers(0, 256, (n, 256, 256)).astype(np.uint8)


@pytest.mark.parametrize("variant", ["int8", "fp16"])
def test_the_same_picture_gives_the_same_numbers_in_any_batch(variant: str) -> None:
    assert neighbours_do_not_matter(open_session(MODEL / f"nvir-{variant}.onnx"), random_images(9))
