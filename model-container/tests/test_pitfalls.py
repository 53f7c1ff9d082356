"""What an image cannot see or mistakes: measured against the same well without, and told as what it is."""

import numpy as np
import pytest

from nvir.judge.learning_curve import card_lines as curve_lines
from nvir.judge.learning_curve import said as curve_said
from nvir.judge.learning_curve import section as curve_section
from nvir.judge.pitfall_page import card_lines, section, sentence
from nvir.judge.pitfalls import load_pitfalls, measure
from nvir.judge.sessions import Said
from nvir.labels import domain_of


def reading(pitfalls, change: dict[str, float], distance: dict[str, float] | None = None) -> Said:
    """Says of each well what was drawn without the pitfall, and `change` more for a pitfall."""
    rows = pitfalls.rows
    base = np.array([pitfalls.truth[int(row["matched"])] for row in rows])
    of = np.array([change.get(row["phenomenon"], 0.0) for row in rows])
    far = np.array([(distance or {}).get(row["phenomenon"], 0.5) for row in rows])
    return Said((base + of).astype(np.float32), np.full(len(rows), 0.2), far)


def test_each_pitfall_is_measured_against_truth_and_against_the_same_well(pitfall_folder) -> None:
    pitfalls = load_pitfalls(pitfall_folder)
    found = measure(pitfalls, reading(pitfalls, {"coloured-medium": -0.6}, {"coloured-medium": 1.5}), {"a + m"})
    assert (found["images"], found["wells"]) == (48, 16)
    known = found["as_they_are"]["known"]
    assert (known["n"], known["bias"], known["change"], known["flagged"]) == (12, pytest.approx(0, abs=1e-6), 0, 0)
    (step,) = found["kinds"]["coloured-medium"]["steps"]
    assert set(step) == {"strength", "drawn", "known", "unseen"}
    colour = step["known"]
    assert colour["bias"] == colour["change"] == pytest.approx(-0.6, abs=1e-6)
    assert (colour["mae"], colour["flagged"]) == (pytest.approx(0.6, abs=1e-6), 1)
    assert (colour["background"], colour["background_suspected"], colour["flagged_by_imaging"]) == (pytest.approx(-0.5), 1, 1)
    assert colour["wrong_side"] == 1  # All live, and all are read below half.
    assert not found["kinds"]["coloured-medium"]["same_pictures"]


def test_a_loss_without_a_trace_is_told_as_no_failing_of_the_model(pitfall_folder) -> None:
    pitfalls = load_pitfalls(pitfall_folder)
    found = measure(pitfalls, reading(pitfalls, {}), {"a + m"})
    loss = found["kinds"]["loss-without-trace"]
    assert loss["same_pictures"]
    (step,) = loss["steps"]
    assert (step["known"]["change"], step["known"]["flagged"], step["known"]["of_labels"]) == (0, 0, 0)
    assert step["known"]["bias"] == pytest.approx(0.75, abs=0.1)
    assert "cannot change, whatever the model" in sentence(loss)
    assert "not a failing of this model" in sentence(loss)


def test_the_sentence_says_from_where_on_a_reading_is_off_and_whether_anything_tells() -> None:
    def step(drawn: str, change: float, flagged: float, suspected: float) -> dict:
        return {"drawn": drawn, "known": {"change": change, "flagged": flagged, "background_suspected": suspected}}

    steps = [step("a little", -0.01, 0, 0), step("more", -0.1, 0.1, 0), step("most", -0.4, 0.9, 1)]
    text = sentence({"same_pictures": False, "steps": steps})
    assert "Up to a little the reading changes by less than 0.05" in text
    assert "At most it changes by -0.400 on known microscopes; 90.0 % of these images are flagged" in text
    assert "At more it is off and most images carry no flag." in text
    assert "suspects it by the background from most on" in text
    quiet = sentence({"same_pictures": False, "steps": steps[:2]})
    assert "does not see it" in quiet


def test_page_and_card_show_every_pitfall_or_say_that_none_was_measured(pitfall_folder) -> None:
    pitfalls = load_pitfalls(pitfall_folder)
    said = reading(pitfalls, {"coloured-medium": -0.3})
    found = measure(pitfalls, said, {domain_of(row) for row in pitfalls.rows})
    page, card = section(found, pitfalls, said), "\n".join(card_lines(found))
    for text in (page, card):
        assert "Coloured medium" in text
        assert "ATP lost without a trace" in text
        assert "-0.300" in text
    assert page.count("<img") == 2 * 2  # A well as it is and with the one strength, of each pitfall.
    assert "unseen" not in found["as_they_are"]
    assert "Not measured" in section(None, None, None)
    assert "Not measured" in card_lines(None)[-1]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda row: {name: value for name, value in row.items() if name != "matched"}, "no column matched"),
        (lambda row: row | {"matched": "99"}, "row 0 names no well without a pitfall"),
        (lambda row: row | {"matched": "1"}, "row 0 names no well without a pitfall"),
        (lambda row: row | {"viability_true": ""}, "rows without viability_true"),
    ],
)
def test_a_set_that_is_none_of_pitfalls_is_refused(rewrite_pitfalls, tmp_path, change, message) -> None:
    with pytest.raises(SystemExit, match=message):
        load_pitfalls(rewrite_pitfalls(tmp_path / "other", change))


def point(plates: int, mae: float) -> dict:
    return {"plates": plates, "test": {"r2": 1 - mae, "mae": mae, "bias": 0.0}}


def test_a_learning_curve_says_a_gain_only_where_its_steps_agree() -> None:
    falling = [point(16, 0.2), point(32, 0.12), point(64, 0.1)]
    assert "0.200 with 16 plates and 0.100 with 64: a gain of 0.100" in curve_said(falling)
    both_ways = [point(16, 0.1), point(32, 0.12), point(64, 0.09)]
    assert "one seed shows no gain" in curve_said(both_ways)
    page, card = curve_section(falling), "\n".join(curve_lines(falling))
    assert page.count("<polyline") == 2
    assert "| 32 | 0.880 | 0.120 | – | – |" in card
    assert "not measured" in curve_section(falling[:1])
    assert "not measured" in curve_lines(falling[:1])[-1]


def test_equal_factors_lie_equally_far_apart_on_a_log_axis() -> None:
    from nvir.judge.pictures import Axes

    axes = Axes((10, 1000), (0, 1), "x", "y", ([10, 100, 1000], [0, 1]), log_x=True)
    assert axes.x(100) - axes.x(10) == pytest.approx(axes.x(1000) - axes.x(100), abs=0.2)
