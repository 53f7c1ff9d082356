"""What is committed belongs together: card, identity, weights."""

import hashlib
import json
from pathlib import Path

import numpy as np

from nvir.evaluate import open_session, run_session

ROOT = Path(__file__).resolve().parents[1]
MODEL = ROOT / "model"


def test_the_cards_first_line_warns() -> None:
    first = (MODEL / "MODEL_CARD.md").read_text().splitlines()[0]
    assert "simulated spheroids" in first
    assert "not for decisions about real drugs" in first


def test_the_card_speaks_of_the_shipped_weights() -> None:
    identity = json.loads((MODEL / "model.json").read_text())
    assert identity["sha256"][:16] in (MODEL / "MODEL_CARD.md").read_text()
    assert hashlib.sha256((MODEL / "nvir-int8.onnx").read_bytes()).hexdigest() == identity["variants"]["int8"]["sha256"]


def test_measured_on_the_unseen_microscope() -> None:
    unseen = json.loads((MODEL / "evaluation.json").read_text())["splits"]["unseen"]
    assert unseen["int8"]["r2"] >= 0.9
    assert unseen["int8"]["mae"] <= 0.07
    assert unseen["classic"]["r2"] < 0.8
    assert unseen["classic_augmented"]["r2"] < 0.8


def test_the_same_picture_gives_the_same_number_in_any_batch() -> None:
    images = np.random.default_rng(3).integers(0, 256, (9, 256, 256)).astype(np.uint8)
    session = open_session(MODEL / "nvir-int8.onnx")
    alone = np.concatenate([run_session(session, images[i : i + 1]) for i in range(9)])
    assert np.array_equal(alone, run_session(session, images))
