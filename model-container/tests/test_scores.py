"""Figures on cases whose answer is known."""

import numpy as np
import pytest

from nvir.judge.scores import by_group, by_range, scores, with_intervals

random = np.random.default_rng(0)


def test_a_perfect_reading() -> None:
    truth = random.uniform(0, 1, 100)
    assert scores(truth, truth) == pytest.approx({"r2": 1, "mae": 0, "bias": 0, "spearman": 1, "slope": 1})


def test_a_reading_off_by_a_line_has_bias_and_slope_and_keeps_its_order() -> None:
    truth = random.uniform(0, 1, 100)
    found = scores(truth, 0.5 * truth + 0.3)
    assert found["slope"] == pytest.approx(2)
    assert found["spearman"] == pytest.approx(1)
    assert found["bias"] == pytest.approx((0.3 - 0.5 * truth).mean())


def test_guessing_the_mean_explains_nothing() -> None:
    truth = random.uniform(0, 1, 100)
    assert scores(truth, np.full(100, truth.mean()))["r2"] == pytest.approx(0)


def test_intervals_follow_plates_not_images() -> None:
    # Each plate reads as a whole too high or too low: its 50 wells are one piece of evidence.
    plates = np.repeat([f"p{i}" for i in range(12)], 50)
    truth = random.uniform(0, 1, 600)
    shifts = random.normal(0, 0.1, 12)
    predicted = truth + np.repeat(shifts, 50)
    low, high = with_intervals(truth, predicted, plates)["interval95"]["bias"]
    assert high - low == pytest.approx(2 * 1.96 * shifts.std() / np.sqrt(12), rel=0.2)
    each = with_intervals(truth, predicted, np.arange(600).astype(str))["interval95"]["bias"]
    assert each[1] - each[0] < (high - low) / 3


def test_one_plate_has_no_interval() -> None:
    truth = random.uniform(0, 1, 10)
    assert "interval95" not in with_intervals(truth, truth, np.full(10, "p"))


def test_groups_and_ranges_part_the_images() -> None:
    truth = np.array([0.1, 0.3, 0.6, 0.9, 1.1])
    plates = np.array(["a", "a", "b", "b", "b"])
    assert {name: of["n"] for name, of in by_group(truth, truth, plates, plates).items()} == {"a": 2, "b": 3}
    assert [(r["from"], r["n"]) for r in by_range(truth, lambda part: {"sum": int(part.sum())})] == [
        (-1, 1),
        (0.25, 1),
        (0.5, 1),
        (0.75, 2),
    ]
