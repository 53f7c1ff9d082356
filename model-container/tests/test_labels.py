"""Labels: ATP over the median ATP of the untreated wells of the same plate read."""

import csv

import numpy as np
import pytest

from nvir.labels import check_splits, describe, load, normalise_atp


def row(plate: str, compound: str, atp: float) -> dict[str, str]:
    return {"location": "a", "microscope": "m", "study": "s", "plate": plate, "day": "7", "compound": compound, "atp_rlu": str(atp)}


def test_each_plate_read_has_its_own_median() -> None:
    rows = [row("p1", "medium", 100), row("p1", "medium", 300), row("p1", "medium", 200), row("p1", "c1", 50)]
    rows += [row("p2", "medium", 10), row("p2", "c1", 5)]
    assert normalise_atp(rows).tolist() == [0.5, 1.5, 1.0, 0.25, 1.0, 0.5]


def test_a_plate_read_without_untreated_wells_is_named() -> None:
    with pytest.raises(ValueError, match="p9.*no medium wells"):
        normalise_atp([row("p9", "c1", 5)])


def test_untreated_is_a_role_whatever_the_medium_is_called() -> None:
    rows = [row("p1", "William's E", 200) | {"role": "untreated"}, row("p1", "medium", 50) | {"role": "treated"}]
    assert normalise_atp(rows).tolist() == [1.0, 0.25]


def test_the_control_that_plates_were_made_with_wins_over_the_rows() -> None:
    """A control well whose image was dropped still counts, as the index says."""
    rows = [row("p1", "medium", 80) | {"atp_control_rlu": "100"}, row("p1", "c1", 50) | {"atp_control_rlu": "100"}]
    assert normalise_atp(rows).tolist() == pytest.approx([0.8, 0.5])


def test_a_control_without_atp_is_named() -> None:
    with pytest.raises(ValueError, match="p7.*its control has no ATP"):
        normalise_atp([row("p7", "medium", 0), row("p7", "c1", 5)])


def test_a_lab_has_no_truth_and_is_judged_by_labels(labelled_folder, tmp_path) -> None:
    (tmp_path / "images.npy").symlink_to(labelled_folder / "images.npy")
    with (labelled_folder / "index.csv").open(newline="") as file:
        rows = [{name: "" if name in ("viability_true", "mechanism") else value for name, value in r.items()} for r in csv.DictReader(file)]
    with (tmp_path / "index.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    lab, simulated = load(tmp_path), load(labelled_folder)
    assert simulated.simulated
    assert not lab.simulated
    some = np.arange(5)
    assert np.isnan(lab.truth).all()
    assert lab.reference(some)[1] == "labels"
    assert np.array_equal(lab.reference(some)[0], simulated.labels[some])
    assert simulated.reference(some)[1] == "truth"
    assert np.array_equal(simulated.reference(some)[0], simulated.truth[some])


def test_index_and_images_must_belong_together(labelled_folder, tmp_path) -> None:
    (tmp_path / "index.csv").write_bytes((labelled_folder / "index.csv").read_bytes())
    np.save(tmp_path / "images.npy", np.zeros((3, 256, 256), np.uint8))
    with pytest.raises(SystemExit, match="48 rows in index.csv but 3 images"):
        load(tmp_path)


def spoilt(rewritten, tmp_path, change=lambda row: row, text=lambda text: text):
    folder = rewritten(tmp_path / "set", change)
    (folder / "index.csv").write_text(text((folder / "index.csv").read_text()))
    return folder


def without(name: str):
    return lambda row: {column: value for column, value in row.items() if column != name}


def of_row(number: int, **more: str):
    return lambda row: row | (more if row["row"] == str(number) else {})


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (without("split"), "index.csv has no column split: write the set again"),
        (without("atp_rlu"), "index.csv has no column atp_rlu"),
        (of_row(5, row="4"), "index.csv: rows must be numbered 0 to 47, each once; 4 stands 2 times"),
        (of_row(5, row="48"), "numbered 0 to 47, each once; 48 is none of them"),
        (of_row(5, row="five"), "numbered 0 to 47, each once; five is none of them"),
        (of_row(5, atp_rlu="OVER"), r"index.csv: row 5: atp_rlu is no number \(OVER\): leave the well out, or write the set again"),
        (of_row(5, atp_rlu=""), r"row 5: atp_rlu is no number \(\)"),
        (of_row(5, atp_rlu="nan"), r"row 5: atp_rlu is no number \(nan\)"),
        (of_row(5, atp_rlu="1e999"), r"row 5: atp_rlu is no number \(1e999\)"),
        (of_row(5, split="Train"), r"row 5: split is none of train, validation, test, unseen \(Train\): write the set again"),
        (of_row(5, split=""), r"row 5: split is none of train, .* \(\)"),
        (of_row(5, day="seven"), r"row 5: day is no number \(seven\)"),
        (of_row(5, viability_true="?"), r"row 5: viability_true is no number \(\?\)"),
        (lambda row: row | {"atp_control_rlu": "x"}, r"row 0: atp_control_rlu is no number \(x\)"),
        (lambda row: row | {"role": "treated"}, "index.csv: plate read a/m/s/p0/7 has no medium wells"),
    ],
)
def test_an_index_that_says_too_little_is_told_by_its_row(rewritten, tmp_path, change, said) -> None:
    with pytest.raises(SystemExit, match=said):
        load(spoilt(rewritten, tmp_path, change))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (lambda text: text[:-20], "index.csv: row 47 has another number of values than the header has columns: write the set again"),
        (lambda text: text.replace("\n7,", "\n7,more,", 1), "index.csv: row 7 has another number of values"),
        (lambda text: text[: text.index("\n") + 1], "index.csv has no rows"),
        (lambda text: "", "index.csv has no column row"),
        (lambda text: text.replace(",", ";"), "index.csv separates its columns by semicolons: save it with commas, or write the set again"),
    ],
)
def test_an_index_that_was_cut_off_is_told(rewritten, tmp_path, text, said) -> None:
    with pytest.raises(SystemExit, match=said):
        load(spoilt(rewritten, tmp_path, text=text))


def test_an_index_that_a_spreadsheet_saved_with_a_mark_of_its_encoding_is_read(rewritten, tmp_path) -> None:
    marked, plain = spoilt(rewritten, tmp_path, text=lambda text: f"\ufeff{text}"), spoilt(rewritten, tmp_path / "plain")
    assert load(marked).rows == load(plain).rows


def test_an_index_in_another_encoding_is_told(rewritten, tmp_path) -> None:
    folder = spoilt(rewritten, tmp_path)
    (folder / "index.csv").write_bytes((folder / "index.csv").read_bytes().replace(b"medium", b"m\xe9dium"))
    with pytest.raises(SystemExit, match="index.csv is no CSV in UTF-8"):
        load(folder)


@pytest.mark.parametrize(
    ("images", "said"),
    [
        (np.zeros((48, 256, 256), np.float32), r"images.npy holds float32 of shape \(48, 256, 256\); uint8 of \(N, 256, 256\) is needed"),
        (np.zeros((48, 128, 128), np.uint8), r"images.npy holds uint8 of shape \(48, 128, 128\)"),
        (np.zeros((48, 256, 256, 1), np.uint8), r"images.npy holds uint8 of shape \(48, 256, 256, 1\)"),
    ],
)
def test_images_of_another_kind_are_told(rewritten, tmp_path, images, said) -> None:
    folder = spoilt(rewritten, tmp_path)
    np.save(folder / "images.npy", images)
    with pytest.raises(SystemExit, match=said):
        load(folder)


@pytest.mark.parametrize("bytes_left", [0, 60, 5000])
def test_images_that_were_cut_off_are_told(rewritten, tmp_path, bytes_left) -> None:
    folder = spoilt(rewritten, tmp_path)
    (folder / "images.npy").write_bytes((folder / "images.npy").read_bytes()[:bytes_left])
    with pytest.raises(SystemExit, match="images.npy is cut off or no array .*: write the set again"):
        load(folder)
    (folder / "images.npy").unlink()
    with pytest.raises(SystemExit, match="images.npy is not there: write the set again"):
        load(folder)


def test_no_set_says_what_to_do(tmp_path) -> None:
    with pytest.raises(SystemExit, match="make a labelled set first"):
        load(tmp_path)


def split_row(split: str, batch: str, date: str, study: str = "s", microscope: str = "m") -> dict[str, str]:
    return row(f"p-{batch}", "medium", 1) | {"split": split, "batch": batch, "date": date, "study": study, "microscope": microscope}


GOOD_SPLIT = [
    split_row("train", "b1", "2026-01-01"),
    split_row("validation", "b2", "2026-01-08"),
    split_row("test", "b3", "2026-01-15", "s2"),
]


def test_a_split_by_batch_in_time_with_held_out_studies_is_taken() -> None:
    check_splits(GOOD_SPLIT)


@pytest.mark.parametrize(
    ("row_too_many", "message"),
    [
        (split_row("validation", "b1", "2026-01-09"), "plate a/m/p-b1 is in both|batch a/m/b1 is in both train and validation"),
        (split_row("test", "b4", "2026-02-01", "s"), "study a/m/s is in both train and test"),
        (split_row("test", "b2", "2026-01-08", "s3", "m2"), "batch of a location a/b2 is in both validation and test"),
        (split_row("train", "b3", "2026-01-15", "s2-m2", "m2"), "batch of a location a/b3 is in both train and test"),
        (split_row("unseen", "b5", "2026-02-01", "s3"), "domain a/m is in both train and unseen"),
        (split_row("validation", "b0", "2025-12-01"), r"validation of a \+ m is not later"),
        (split_row("holdout", "b6", "2026-02-01"), "split holdout is none of"),
    ],
)
def test_a_split_that_would_flatter_is_refused(row_too_many, message) -> None:
    with pytest.raises(SystemExit, match=message):
        check_splits([*GOOD_SPLIT, row_too_many])


def test_training_needs_a_validation_split() -> None:
    with pytest.raises(SystemExit, match="no rows of split validation"):
        check_splits(GOOD_SPLIT[:1])


def test_what_is_drawn_to_judge_by_is_never_trained_on() -> None:
    with pytest.raises(SystemExit, match="split pitfall is none of train, validation, test, unseen"):
        check_splits([*GOOD_SPLIT, GOOD_SPLIT[0] | {"split": "pitfall"}])


def test_a_set_is_described_split_by_split(labelled_folder) -> None:
    said: list[str] = []
    describe(load(labelled_folder), say=said.append)
    assert said[0] == "train: 24 images, microscopes: 1, plate reads: 2"
