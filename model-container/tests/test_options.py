"""Options against the default: a control of the same read beside each image, seeds and plates paired, a criterion that can fail."""

import json
from dataclasses import replace

import numpy as np
import pytest

from experiments.control_pair import Pair, PairTrainer, controls_of
from experiments.options import change, comparisons, flipped, kept, main, symmetries
from nvir.labels import is_untreated, load, plate_read
from nvir.plans import PLANS


@pytest.fixture(scope="module")
def with_vehicle(rewritten, tmp_path_factory):
    """The labelled set with a vehicle well on each plate and doses over four decades."""

    def change_row(row: dict[str, str]) -> dict[str, str]:
        place = int(row["row"]) % 12
        vehicle = {"role": "vehicle", "compound": "dmso", "atp_rlu": "1000000", "viability_true": "1"} if place == 4 else {}
        return row | {"concentration_uM": str(10 ** (place / 3))} | vehicle

    return rewritten(tmp_path_factory.mktemp("vehicle"), change_row)


def test_the_square_has_eight_symmetries_and_the_first_changes_nothing() -> None:
    images = np.arange(2 * 9).reshape(2, 3, 3)
    each = list(symmetries(images))
    assert len({turned.tobytes() for turned in map(np.ascontiguousarray, each)}) == 8
    assert np.array_equal(each[0], images)
    assert np.array_equal(each[1], images[:, :, ::-1])
    # The corner's value goes once over each corner and each way of reading.
    means = flipped(lambda turned: turned[:, 0, 0].astype(float), images)
    assert [means[name][0] for name in ("", " 2 flips", " 8 flips")] == [0, 1, 4]


def test_a_control_is_of_the_same_read_and_never_the_image_itself(with_vehicle) -> None:
    data = load(with_vehicle)
    for row, controls in controls_of(data, np.arange(len(data.rows))).items():
        assert row not in controls
        assert {plate_read(data.rows[i]) for i in controls} == {plate_read(data.rows[row])}
        assert all(is_untreated(data.rows[i]) for i in controls)
        assert len(controls) == (1 if is_untreated(data.rows[row]) else 2)


def test_a_read_without_another_untreated_image_is_named(rewritten, tmp_path) -> None:
    one = rewritten(tmp_path, lambda row: row | ({"role": "treated"} if int(row["row"]) in (4, 8) else {}))
    with pytest.raises(SystemExit, match="plate read a/m/s/p0/7 has no untreated image beside another"):
        controls_of(load(one), np.arange(12))


def test_an_image_and_its_control_change_tone_alike_and_turn_apart(with_vehicle) -> None:
    labelled = load(with_vehicle)
    # All wells alike: what differs after augmentation was changed apart.
    data = replace(labelled, images=np.tile(np.linspace(40, 200, 256).astype(np.uint8), (len(labelled.rows), 256, 1)))
    trainer = PairTrainer(Pair(), data, PLANS["smoke"], 1, "cpu", print)
    trainer.enter(0, None)
    rows = data.of_split("train")[:8]
    images, controls = trainer.inputs(rows, np.random.default_rng(0)).reshape(2, 8, 64, 64)
    means = np.array([[one.mean() for one in of] for of in (images, controls)])
    assert np.abs(means[0] - means[1]).max() < 3
    assert np.ptp(means[0]) > 10
    assert not np.array_equal(images, controls)


def test_a_change_is_in_percent_of_the_default_and_paired_by_plate() -> None:
    random = np.random.default_rng(0)
    plates = np.repeat([f"p{i}" for i in range(10)], 8)
    default = random.uniform(0.01, 0.2, 80) * np.repeat(random.uniform(0.2, 3, 10), 8)
    tenth = change(0.9 * default, default, plates)
    assert [round(tenth[name], 6) for name in ("percent", "low", "high")] == [-10, -10, -10]
    noise = change(default + random.normal(0, 0.02, 80), default, plates)
    assert noise["low"] < 0 < noise["high"]


def test_seeds_are_compared_with_themselves_and_an_ensemble_with_each_member() -> None:
    said = ["default 1", "default 1 8 flips", "default 2", "pair 2 mean", "ensemble", "served", "served 2 flips"]
    assert comparisons([1, 2], said) == [
        ("8 flips", "default 1 8 flips", "default 1"),
        ("2 flips", "served 2 flips", "served"),
        ("pair mean", "pair 2 mean", "default 2"),
        ("ensemble", "ensemble", "default 1"),
        ("ensemble", "ensemble", "default 2"),
    ]


@pytest.mark.parametrize(
    ("unseen", "test", "yes"),
    [
        ([(-8, -12, -4), (-6, -9, -1)], [(-1, -4, 2)], True),
        ([(-8, -12, -4), (-4, -6, -1)], [(-1, -4, 2)], False),
        ([(-8, -12, -4), (-6, -13, 1)], [(-1, -4, 2)], False),
        ([(-8, -12, -4), (-6, -9, -1)], [(4, 1, 7)], False),
    ],
)
def test_an_option_is_kept_only_if_every_comparison_says_so(unseen, test, yes) -> None:
    of = {"unseen": unseen, "test": test}
    named = {
        split: {"changes": [{"option": "x", "percent": percent, "low": low, "high": high} for percent, low, high in changes]}
        for split, changes in of.items()
    }
    assert kept(named) == {"x": yes}


def test_a_tiny_set_is_trained_both_ways_judged_and_not_trained_again(with_vehicle, tmp_path, capsys) -> None:
    asked = ["--data", str(with_vehicle), "--runs", str(tmp_path), "--plan", "smoke", "--plates", "2", "--seeds", "1", "2"]
    main(asked)
    found = json.loads((tmp_path / "options.json").read_text())
    assert set(found["splits"]) == {"unseen"}
    assert set(found["kept"]) == {"2 flips", "8 flips", "pair mean", "pair first", "ensemble"}
    each = found["splits"]["unseen"]["each"]
    assert len({each[f"pair {seed} {kind}"]["mae"] for seed in (1, 2) for kind in ("mean", "first")}) == 4
    assert "kept by the criterion" in capsys.readouterr().out
    main(asked)
    assert capsys.readouterr().out.count("goes on after epoch 2 of 2, begun from scratch") == 4
    fewer = ["1" if before == "--plates" else text for before, text in zip(["", *asked], asked, strict=False)]
    with pytest.raises(SystemExit, match="default-1 was begun on other images of this set: choose another --run folder"):
        main(fewer)
    assert json.loads((tmp_path / "options.json").read_text()) == found


def test_each_training_is_done_once_however_many_splits_it_is_judged_on(with_vehicle, tmp_path, monkeypatch, capsys) -> None:
    labelled = load(with_vehicle)
    # The second training plate is a study of its own, held out.
    rows = [row | ({"split": "test", "study": "t"} if row["plate"] == "p1" else {}) for row in labelled.rows]
    monkeypatch.setattr("experiments.options.load", lambda _folder: replace(labelled, rows=rows))
    asked = ["--data", str(with_vehicle), "--runs", str(tmp_path), "--plan", "smoke", "--plates", "2", "--seeds", "1"]
    main(asked)
    out = capsys.readouterr().out
    assert set(json.loads((tmp_path / "options.json").read_text())["splits"]) == {"test", "unseen"}
    assert out.count("training from scratch") == 2
    assert "goes on" not in out
