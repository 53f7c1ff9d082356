"""What is committed belongs together: card, identity, weights, and what the Dockerfile copies and calls."""

import hashlib
import json
import re
from pathlib import Path

import numpy as np
import pytest

from nvir import __main__
from nvir.judge.sessions import neighbours_do_not_matter, open_session

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


def random_images(n: int) -> np.ndarray:
    return np.random.default_rng(3).integers(0, 256, (n, 256, 256)).astype(np.uint8)


@pytest.mark.parametrize("variant", ["int8"])
def test_the_same_picture_gives_the_same_numbers_in_any_batch(variant: str) -> None:
    assert neighbours_do_not_matter(open_session(MODEL / f"nvir-{variant}.onnx"), random_images(9))


def test_what_the_dockerfile_copies_and_calls_exists() -> None:
    text = (ROOT / "Dockerfile").read_text()
    for source in re.findall(r"^COPY (\S+) ", text, re.MULTILINE):
        assert (ROOT / source).exists(), source
    assert '"-m", "nvir"' in text
    assert __main__.main.__name__ == "main"
