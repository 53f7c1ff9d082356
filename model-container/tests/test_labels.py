"""Labels: ATP over the median ATP of the untreated wells of the same plate read."""

import numpy as np
import pytest

from nvir.labels import load, normalise_atp


def row(plate: str, compound: str, atp: float) -> dict[str, str]:
    return {"location": "a", "microscope": "m", "study": "s", "plate": plate, "day": "7", "compound": compound, "atp_rlu": str(atp)}


def test_each_plate_read_has_its_own_median() -> None:
    rows = [row("p1", "medium", 100), row("p1", "medium", 300), row("p1", "medium", 200), row("p1", "c1", 50)]
    rows += [row("p2", "medium", 10), row("p2", "c1", 5)]
    assert normalise_atp(rows).tolist() == [0.5, 1.5, 1.0, 0.25, 1.0, 0.5]


def test_a_plate_read_without_untreated_wells_is_named() -> None:
    with pytest.raises(ValueError, match="p9.*no medium wells"):
        normalise_atp([row("p9", "c1", 5)])


def test_index_and_images_must_belong_together(labelled_folder, tmp_path) -> None:
    (tmp_path / "index.csv").write_bytes((labelled_folder / "index.csv").read_bytes())
    np.save(tmp_path / "images.npy", np.zeros((3, 256, 256), np.uint8))
    with pytest.raises(SystemExit, match="48 rows in index.csv but 3 images"):
        load(tmp_path)


def test_no_set_says_what_to_do(tmp_path) -> None:
    with pytest.raises(SystemExit, match="make a labelled set first"):
        load(tmp_path)
