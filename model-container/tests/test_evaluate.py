"""The whole judgement on a tiny set: figures, card and page are written from the same measurements."""

import json
import re
import shutil

import numpy as np
import pytest

from nvir import classic
from nvir.evaluate import evaluate
from nvir.export import export, read_checkpoint
from nvir.judge.baselines import fit_baselines, training_tables
from nvir.judge.pictures import diverging, png
from nvir.judge.scores import scores
from nvir.judge.sessions import Said
from nvir.judge.uncertainty import coverage, judged, no_spheroids
from nvir.labels import load
from nvir.plans import recipe_of


def quiet(*_a, **_k) -> None: ...


@pytest.fixture(scope="module")
def judgement(labelled_folder, run_folder, pitfall_folder, tmp_path_factory):
    out = tmp_path_factory.mktemp("model")
    export(labelled_folder, run_folder, out, say=quiet)
    return out, evaluate(labelled_folder, run_folder, out, out / "page" / "report.html", out / "cache", pitfall_folder, say=quiet)


def test_the_figures_are_there_and_agree_with_each_other(judgement) -> None:
    out, found = judgement
    assert json.loads((out / "evaluation.json").read_text()) == json.loads(json.dumps(found))
    unseen = found["splits"]["unseen"]
    assert unseen["n"] == 12
    assert set(unseen["variants"]) == {"int8", "fp16"}
    assert unseen["variants"]["fp16"]["max"] < 0.01
    for name in ("int8", "fp32", "fp16", "classic", "classic_augmented", "mean_of_controls"):
        assert {"r2", "mae", "bias", "spearman", "slope"} <= set(unseen[name]), name
    assert unseen["by_domain"]["a + new"]["r2"] == unseen["int8"]["r2"]
    assert unseen["uncertainty"]["by_domain"]["a + new"] == unseen["uncertainty"]["all"]
    assert found["batch_independent"] is True
    assert 0 <= unseen["variant_outputs"]["fp16"]["flagged_alike"] <= 1


def test_pitfalls_are_judged_by_the_file_that_is_served(judgement) -> None:
    out, found = judgement
    loss = found["pitfalls"]["kinds"]["loss-without-trace"]
    assert loss["same_pictures"]
    assert loss["steps"][0]["known"]["change"] == loss["steps"][0]["unseen"]["change"] == 0
    card, page = (out / "MODEL_CARD.md").read_text(), (out / "page" / "report.html").read_text()
    for text in (card, page):
        assert f"{found['pitfalls']['kinds']['coloured-medium']['steps'][0]['known']['change']:+.3f}" in text


def test_card_and_page_tell_the_measured_figures(judgement) -> None:
    out, found = judgement
    card, page = (out / "MODEL_CARD.md").read_text(), (out / "page" / "report.html").read_text()
    for text in (card, page):
        assert f"{found['splits']['unseen']['int8']['r2']:.3f}" in text
        assert f"{found['splits']['unseen']['classic_augmented']['mae']:.3f}" in text
        assert "not measured" in text  # No domain was held out.
    assert "Caution: intervals rest on 12 images of 1 plates" in card
    assert card.startswith("**Trained on simulated spheroids")


def test_the_page_needs_nothing_from_elsewhere(judgement) -> None:
    page = (judgement[0] / "page" / "report.html").read_text()
    assert not re.search(r"https?://|<script|<link|url\(", page)
    assert page.count('<img src="data:image/png;base64,') == 12 + 2 * 2  # The worst, and a well with each pitfall.
    assert "<circle" in page


def test_a_second_evaluation_takes_the_kept_features_and_says_the_same(judgement, labelled_folder, run_folder) -> None:
    out, found = judgement
    labelled, said = load(labelled_folder), []
    share = recipe_of(read_checkpoint(run_folder / "best.pt")).clahe_share
    again = fit_baselines(labelled, share, out / "cache", say=lambda text, **_k: said.append(text))
    assert said == []
    rows = labelled.of_split("unseen")
    values = again["classic_augmented"].predict(classic.table(labelled.images[rows]))
    reference, _ = labelled.reference(rows)
    assert scores(reference, values) == pytest.approx(found["splits"]["unseen"]["classic_augmented"], nan_ok=True)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", None])
def test_kept_features_that_were_cut_off_are_made_anew(labelled_folder, tmp_path, content) -> None:
    labelled, said = load(labelled_folder), []
    rows = labelled.of_split("train")
    first = training_tables(labelled, rows, 0.25, tmp_path, quiet)
    kept = tmp_path / "classic-features.npz"
    kept.write_bytes(kept.read_bytes()[:2000] if content is None else content)
    again = training_tables(labelled, rows, 0.25, tmp_path, lambda text, **_k: said.append(text))
    assert len(said) == 1
    assert all(np.array_equal(a, b) for a, b in zip(first, again, strict=True))
    assert [file.name for file in tmp_path.iterdir()] == ["classic-features.npz"]


def test_features_of_other_rows_with_pixels_as_bright_are_not_taken(labelled_folder, tmp_path) -> None:
    labelled = load(labelled_folder)
    rows = labelled.of_split("train")
    training_tables(labelled, rows, 0.25, tmp_path, quiet)
    plain, _ = training_tables(labelled, rows[::-1], 0.25, tmp_path, quiet)
    assert np.array_equal(plain, classic.table(labelled.images[rows[::-1]]))


def test_a_model_without_the_judged_variant_is_refused(labelled_folder, run_folder, tmp_path) -> None:
    (tmp_path / "model.json").write_text(json.dumps({"variants": {"fp32": {"file": "x"}}}))
    with pytest.raises(SystemExit, match="has no int8"):
        evaluate(labelled_folder, run_folder, tmp_path, say=quiet)


def test_another_runs_weights_are_not_judged_as_this_models(judgement, labelled_folder, run_folder, tmp_path) -> None:
    shutil.copytree(judgement[0], tmp_path / "model")
    identity = json.loads((tmp_path / "model" / "model.json").read_text())
    (tmp_path / "model" / "model.json").write_text(json.dumps(identity | {"sha256": "0" * 64}))
    with pytest.raises(SystemExit, match="is not what .* was exported from.*by --run"):
        evaluate(labelled_folder, run_folder, tmp_path / "model", say=quiet)


def test_a_changed_set_is_not_judged_as_the_one_trained_on(judgement, rewritten, run_folder, tmp_path) -> None:
    changed = rewritten(tmp_path / "changed", lambda row: row | {"date": row["date"].replace("2026", "2027")})
    with pytest.raises(SystemExit, match="another labelled set"):
        evaluate(changed, run_folder, judgement[0], say=quiet)


def test_a_labs_odd_set_gets_a_card_without_the_simulations_sentences(judgement, rewritten, older_run, tmp_path) -> None:
    def odd(row: dict[str, str]) -> dict[str, str]:
        number = int(row["row"])
        row = row | {"mechanism": "", "viability_true": "", "atp_control_rlu": "1e6"}
        if row["split"] == "train":  # No control image.
            return row | {"role": "treated", "compound": "c2"}
        if row["split"] == "validation":
            return row
        # Reference compounds alone, on two plates, one with a single image.
        return row | {"split": "test", "study": "late", "microscope": "m", "role": "reference", "plate": "one" if number == 47 else "many"}

    out = tmp_path / "model"
    shutil.copytree(judgement[0], out)
    identity = json.loads((out / "model.json").read_text())
    (out / "model.json").write_text(json.dumps(identity | {"trainedOn": "labelled plates"}))
    (out / "mechanisms.json").write_text(json.dumps({"blur": {"training": [1], "unseen": 2}}))
    (out / "evaluation.json").unlink()
    real = rewritten(tmp_path / "real", odd)
    found = evaluate(real, older_run, out, tmp_path / "report.html", say=quiet)
    assert json.loads((out / "evaluation.json").read_text())["splits"]["test"]["n"] == 12
    assert found["splits"]["test"]["mean_of_controls"]["mae"] is None
    low, high = found["splits"]["test"]["int8"]["interval95"]["r2"]
    assert low <= high
    card = (out / "MODEL_CARD.md").read_text()
    assert card.startswith("**Research use")
    assert "No control image is in training" in card
    for words in ("imulat", "Rendering ranges", "unseen microscope set nothing", "nan"):
        assert words not in card, words


def test_no_evaluation_is_left_without_its_card(judgement, labelled_folder, run_folder, tmp_path, monkeypatch) -> None:
    shutil.copytree(judgement[0], tmp_path / "model")
    (tmp_path / "model" / "evaluation.json").unlink()

    def full_disk(*_a) -> None:
        raise OSError("no space left")

    monkeypatch.setattr("nvir.evaluate.write_card", full_disk)
    with pytest.raises(OSError, match="no space"):
        evaluate(labelled_folder, run_folder, tmp_path / "model", None, judgement[0] / "cache", say=quiet)
    assert not (tmp_path / "model" / "evaluation.json").exists()


def test_coverage_counts_what_lies_inside() -> None:
    said = Said(np.array([0.5, 0.5, 0.5, 0.5]), np.full(4, 0.1), np.array([0.2, 0.5, 1.0, 1.5]))
    labels, truth = np.array([0.5, 0.59, 0.7, 0.45]), np.array([0.5, 0.9, 0.7, 0.45])
    found = coverage(said, labels, truth)
    assert (found["of_labels"], found["of_truth"], found["flagged"]) == (0.75, 0.5, 0.25)
    assert found["mean_width"] == pytest.approx(0.2)
    assert "of_truth" not in coverage(said, labels, np.full(4, np.nan))
    parts = judged(said, labels, truth, np.array(["a", "a", "b", "b"]))
    assert {name: of["n"] for name, of in parts["by_domain"].items()} == {"a": 2, "b": 2}
    assert sum(of["n"] for of in parts["by_viability"]) == 4


def test_pictures_without_spheroids_are_bytes_of_the_right_size() -> None:
    images = np.random.default_rng(0).integers(0, 256, (3, 256, 256)).astype(np.uint8)
    made = no_spheroids(images)
    assert all(of.dtype == np.uint8 and of.shape[1:] == (256, 256) for of in made.values())
    assert np.array_equal(255 - made["inverted"], images)


def test_a_picture_is_a_png_that_others_can_read() -> None:
    import base64
    import io

    from PIL import Image

    image = np.arange(64 * 64, dtype=np.uint16).reshape(64, 64).astype(np.uint8)
    read = np.asarray(Image.open(io.BytesIO(base64.b64decode(png(image, 1).split(",")[1]))))
    assert np.array_equal(read, image)


def test_colours_say_the_sign() -> None:
    assert diverging(0) == "#ffffff"
    assert diverging(5) == diverging(1) == "#b22c2c"
    assert diverging(-1) == "#2c5caa"
