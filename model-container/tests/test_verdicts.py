"""The pipeline's own command decides what image and ATP say of a compound."""

import numpy as np
import pytest

from nvir.judge.verdicts import agreement, analyse, loss_calls, relative_to_vehicle

DOSES = [0.1, 0.3162, 1, 3.1623, 10, 31.623, 100, 316.23]


def plate() -> tuple[list[dict[str, str]], np.ndarray]:
    """Two compounds and six vehicle wells; `toxic` loses half at 3 µM, `inert` nothing. The plate reads 20 % high."""
    rows, values = [], []
    for compound, role, dose, value in [
        *(("dmso", "vehicle", 0, 1.0) for _ in range(6)),
        *(("toxic", "treated", dose, 1 / (1 + dose / 3)) for dose in DOSES),
        *(("inert", "treated", dose, 1.0) for dose in DOSES),
    ]:
        place = {"location": "a", "microscope": "m", "study": "s", "plate": "p1", "day": "7"}
        rows.append(place | {"compound": compound, "role": role, "concentration_uM": str(dose)})
        values.append(1.2 * value)
    return rows, np.array(values)


@pytest.fixture(scope="module")
def decided():
    return analyse(*plate())


def test_it_finds_the_ic50_and_the_verdict_against_the_vehicle(decided) -> None:
    toxic, inert = decided["s p1 toxic", 7], decided["s p1 inert", 7]
    assert toxic["ic50_uM"] == pytest.approx(3, rel=1e-3)
    assert toxic["verdict"] == "strong signal"
    assert inert["verdict"].startswith("no loss seen")


def test_sides_agree_with_themselves_and_not_with_the_opposite(decided) -> None:
    same = agreement(decided, decided)
    assert (same["n"], same["same_verdict"], same["same_effect"], same["median_fold"]) == (2, 1.0, 1.0, 1.0)
    a, b = decided.values()
    swapped = agreement(dict(zip(decided, (b, a), strict=True)), decided)
    assert (swapped["same_verdict"], swapped["same_effect"], swapped["median_fold"]) == (0.0, 0.0, None)


def test_a_shared_factor_of_the_plate_changes_no_call() -> None:
    rows, values = plate()
    assert relative_to_vehicle(rows, values)[:6] == pytest.approx(np.ones(6))
    calls = loss_calls(rows, values, 3 * values)
    assert (calls["n"], calls["agree"], calls["kappa"]) == (16, 1.0, 1.0)
    lower = np.where(np.array([row["compound"] == "inert" for row in rows]), 0.2, values)
    assert (loss_calls(rows, lower, values)["only_one"], loss_calls(rows, lower, values)["only_other"]) == (8, 0)


def test_wells_that_neither_side_can_call_count_for_neither() -> None:
    rows, values = plate()
    other = [row | {"plate": "p2"} for row in rows if row["role"] != "vehicle"]
    calls = loss_calls([*rows, *other], np.concatenate([values, np.ones(16)]), np.concatenate([values, np.full(16, 0.1)]))
    assert (calls["n"], calls["without_vehicle"], calls["agree"]) == (16, 16, 1.0)
    alone = loss_calls(other, np.ones(16), np.full(16, 0.1))
    assert (alone["n"], alone["agree"], alone["kappa"]) == (0, None, None)


def test_reference_wells_are_called_too() -> None:
    rows, values = plate()
    rows = [row | {"role": "reference"} if row["compound"] == "toxic" else row for row in rows]
    assert loss_calls(rows, values, values)["n"] == 16
