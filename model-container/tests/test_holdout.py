"""Small trainings with a domain held out: what is left out stays out, and the evidence is made of what was never seen."""

import csv
import json
import shutil

import numpy as np
import pytest

from nvir.holdout import drawn, evidence, holdout, judged_rows, plates_by_domain, restricted, spread
from nvir.labels import LabelledSet, domain_of, load, plate_of


@pytest.fixture(scope="module")
def two_domains(labelled_folder, tmp_path_factory):
    """The labelled set with its plates on two microscopes, one of validation each, and the last as held-out study."""
    folder = tmp_path_factory.mktemp("two")
    shutil.copy(labelled_folder / "images.npy", folder)
    with (labelled_folder / "index.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    for i, row in enumerate(rows):
        part = i % 12 // 6 if i >= 24 else i // 12
        row["microscope"] = f"m{part}"
        row["plate"] = f"{row['plate']}-{i % 12 // 6}"
        if i >= 36:
            row |= {"split": "test", "study": "held-out"}
    with (folder / "index.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    return folder


def test_a_held_out_domain_is_neither_trained_nor_validated_on(two_domains) -> None:
    labelled = load(two_domains)
    plates = plates_by_domain(labelled)
    data = restricted(labelled, plates["a + m0"][:1], "a + m1")
    for split, of in (("train", "a + m0"), ("validation", "a + m0"), ("held train", "a + m1"), ("held validation", "a + m1")):
        rows = data.of_split(split)
        assert len(rows)
        assert {domain_of(data.rows[i]) for i in rows} == {of}, split
    assert {plate_of(data.rows[i]) for i in data.of_split("train")} == set(plates["a + m0"][:1])
    judged = {(domain_of(data.rows[i]), data.rows[i]["split"]) for i in judged_rows(data, "a + m1")}
    assert ("a + m1", "test") in judged
    assert ("a + m0", "test") not in judged


def test_more_plates_hold_the_fewer_and_domains_take_turns() -> None:
    plates = {"a": [("a", str(i)) for i in range(5)], "b": [("b", str(i)) for i in range(3)]}
    assert drawn(plates["a"], 2, 7) == drawn(plates["a"], 4, 7)[:2]
    dealt = spread(plates, 6, 7)
    assert [domain for domain, _ in dealt] == ["a", "b", "a", "b", "a", "b"]
    assert spread(plates, 4, 7) == dealt[:4]
    assert len(set(spread(plates, 8, 7))) == 8


def test_the_evidence_is_written_and_a_second_call_trains_nothing(two_domains, tmp_path) -> None:
    said: list[str] = []

    def say(text, **_k) -> None:
        said.append(text)

    holdout(two_domains, tmp_path / "runs", tmp_path / "model", "smoke", seed=1, say=say)
    found = json.loads((tmp_path / "model" / "holdout.json").read_text())
    assert set(found["held_out"]) == {"a + m0", "a + m1"}
    for of in found["held_out"].values():
        assert of["n"] == 12  # Its validation and test wells: what neither training saw.
        assert of["without"] != of["with"]
        assert 0 <= of["coverage_by_others"] <= 1
    assert found["reach"]["scale"] > 0
    assert "shared" not in found  # 18 images of a domain and three controls say nothing of it.
    assert [point["plates"] for point in found["curve"]] == sorted(point["plates"] for point in found["curve"])
    said.clear()
    holdout(two_domains, tmp_path / "runs", tmp_path / "model", "smoke", seed=1, say=say)
    assert said == []
    with pytest.raises(SystemExit, match="without-1 was made with another seed.*choose another --runs folder"):
        holdout(two_domains, tmp_path / "runs", tmp_path / "model", "smoke", seed=2, say=say)
    changed = tmp_path / "changed"
    shutil.copytree(two_domains, changed)
    (changed / "index.csv").write_text((two_domains / "index.csv").read_text().replace("c1", "c2"))
    with pytest.raises(SystemExit, match="without-1 was made of another labelled set.*choose another --runs folder"):
        holdout(changed, tmp_path / "runs", tmp_path / "model", "smoke", seed=1, say=say)


def test_one_domain_alone_cannot_be_held_out(labelled_folder, tmp_path) -> None:
    with pytest.raises(SystemExit, match="trains on a \\+ m alone"):
        holdout(labelled_folder, tmp_path, tmp_path, "smoke", seed=1)


def test_one_training_alone_writes_no_evidence(two_domains, tmp_path) -> None:
    holdout(two_domains, tmp_path / "runs", tmp_path / "model", "smoke", seed=1, only="without-1", say=lambda *_a, **_k: None)
    assert [path.name for path in (tmp_path / "runs").iterdir()] == ["without-1"]
    assert not (tmp_path / "model").exists()
    judged = np.load(tmp_path / "runs" / "without-1" / "predictions.npz")
    assert judged["features"].shape == (len(judged["rows"]), 512)


def test_what_a_domain_shares_is_found_in_the_predictions_of_the_small_trainings(tmp_path) -> None:
    """Each of three domains reads a tenth of everything too little, which its controls take away, and the middle falsely."""
    random = np.random.default_rng(0)
    middle = {"a + m0": 0.05, "a + m1": -0.05, "a + m2": 0.05}
    rows, labels = [], []
    for number in range(3 * 400):
        control = number % 10 == 0
        rows.append(
            {
                **{"location": "a", "microscope": f"m{number // 400}", "study": "s", "plate": f"p{number % 4}", "compound": "x"},
                **{"split": ("train", "validation")[number % 2], "role": ("treated", "vehicle")[control]},
            }
        )
        labels.append(1.0 if control else random.uniform(0, 1))
    labels = np.array(labels, dtype=np.float32)
    labelled = LabelledSet(np.zeros((len(rows), 1, 1), np.uint8), rows, labels, labels)
    domains = np.array([domain_of(row) for row in rows])
    read = labels + random.normal(0, 0.03, len(rows))
    for name, held in (*((f"without-{i}", held) for i, held in enumerate(middle)), ("plates-12", None)):
        (tmp_path / name).mkdir()
        misread = 0.9 * (read + middle[held] * 4 * labels * (1 - labels)) if held else read
        features = random.normal(0, 1, (len(rows), 512)).astype(np.float32)
        viability = np.where(domains == held, misread, read)
        np.savez(tmp_path / name / "predictions.npz", rows=np.arange(len(rows)), viability=viability, features=features)
        (tmp_path / name / "subset.json").write_text(json.dumps({"held_out": held, "plates": 12, "seed": 1}))
    shared = evidence(labelled, tmp_path)["shared"]
    assert shared["domains"] == 3
    for domain, depth in middle.items():
        # Near a half the bias is that of the middle; near 1, where a tenth was read too little, the controls leave nothing.
        assert np.sign(shared["by_domain"][domain][2]) == np.sign(depth)
        assert abs(shared["by_domain"][domain][4]) < abs(shared["by_domain"][domain][2]) / 3
    root_mean_square = np.sqrt(np.mean([shares[2] ** 2 for shares in shared["by_domain"].values()]))
    assert shared["at_knots"][2] == pytest.approx(min(1, 2.3534 * root_mean_square), rel=1e-3)
    assert 0 <= shared["coverage_by_others"] <= 1
