"""The container's two jobs, run natively by its entry point: as another user, with SageMaker's folders and variables."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from serving import call, npy, pictures
from test_server import free_port

from nvir.plans import PLANS
from nvir.sagemaker import Folders, Hyperparameters, Unusable, read_hyperparameters, train_job

ROOT = Path(__file__).resolve().parents[1]
NOBODY = 65534


def other_user() -> dict:
    """Arguments of Popen for a user without rights, where this one may choose and the other may enter Python's own folder."""
    if os.geteuid() != 0:
        return {}
    other = {"user": NOBODY, "group": NOBODY, "extra_groups": []}
    try:
        runs = subprocess.run([sys.executable, "-c", "import torch, onnxruntime"], cwd="/", capture_output=True, **other).returncode == 0
    except PermissionError:
        runs = False
    return other if runs else {}


OTHER = other_user()


@pytest.fixture(scope="module")
def ml_root(labelled_folder) -> Iterator[Path]:
    """/opt/ml of a job, owned by the user that the job runs as. Not below pytest's folder, which only its owner may enter."""
    root = Path(tempfile.mkdtemp())
    shutil.copytree(labelled_folder, root / "input/data/training")
    (root / "input/config").mkdir()
    (root / "input/config/hyperparameters.json").write_text(json.dumps({"plan": "smoke", "seed": "3", "sagemaker_program": "x"}))
    shutil.copytree(ROOT / "nvir", root / "code/nvir", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "entrypoint", root / "code/entrypoint")
    if OTHER:
        for path in (root, *root.rglob("*")):
            os.chown(path, NOBODY, NOBODY)
    yield root
    shutil.rmtree(root)


def start(root: Path, job: str, **more: str) -> subprocess.Popen[str]:
    """The entry point as it is in the image, as a user without rights where this one may choose."""
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(root),
        "NVIR_ML_ROOT": str(root),
        "NVIR_SERVE_PYTHON": sys.executable,
        "NVIR_TRAIN_PYTHON": sys.executable,
        "PYTHONDONTWRITEBYTECODE": "1",
        **more,
    }
    command = [str(root / "code/entrypoint"), job]
    return subprocess.Popen(command, env=environment, cwd="/", stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **OTHER)


def test_train_writes_a_model_that_serve_answers_with(ml_root) -> None:
    training = start(ml_root, "train")
    said = training.communicate(timeout=400)[0]
    assert training.returncode == 0, said
    described = json.loads((ml_root / "model/model.json").read_text())
    assert not (ml_root / "output/failure").exists()
    assert (ml_root / "checkpoints/best.pt").exists()
    if OTHER:
        assert (ml_root / "model/model.json").stat().st_uid == NOBODY

    port = free_port()
    server = start(ml_root, "serve", SM_MODEL_DIR=str(ml_root / "model"), SAGEMAKER_BIND_TO_PORT=str(port))
    for line in server.stdout or ():
        if json.loads(line)["message"] == "ready":
            break
    status, answer = call(f"http://127.0.0.1:{port}/invocations", npy(pictures(2)))
    assert status == 200
    assert answer["model"]["sha256"] == described["sha256"]
    server.send_signal(signal.SIGTERM)
    server.communicate(timeout=60)
    assert server.returncode == 0


def test_a_job_that_fails_says_why_in_the_failure_file(tmp_path) -> None:
    assert train_job({"NVIR_ML_ROOT": str(tmp_path)}) == 1
    assert "the channel `training` must hold images.npy and index.csv" in (tmp_path / "output/failure").read_text()


def test_a_labelled_set_that_is_refused_is_named_in_the_failure_file(tmp_path, labelled_folder) -> None:
    training = tmp_path / "input/data/training"
    shutil.copytree(labelled_folder, training)
    index = training / "index.csv"
    index.write_text(index.read_text().replace(",validation,", ",train,"))
    assert train_job({"NVIR_ML_ROOT": str(tmp_path), "SM_HPS": '{"plan": "smoke"}'}) == 1
    assert "no rows of split validation" in (tmp_path / "output/failure").read_text()


def hyperparameters(tmp_path: Path, given: str) -> Hyperparameters:
    return read_hyperparameters(Folders.of({"NVIR_ML_ROOT": str(tmp_path)}), {"SM_HPS": given})


def test_hyperparameters_are_strings_and_may_be_quoted(tmp_path) -> None:
    assert hyperparameters(tmp_path, "{}") == Hyperparameters("paper", 1, None)
    assert hyperparameters(tmp_path, '{"plan": "\\"cpu\\"", "seed": "7"}') == Hyperparameters("cpu", 7, None)
    assert hyperparameters(tmp_path, '{"seed": 7}') == Hyperparameters("paper", 7, None)


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ("{", "SM_HPS is no JSON"),
        ("[]", "must be an object"),
        ('{"sed": "1"}', "sed is no hyperparameter; there are plan, seed, imagenet"),
        ('{"plan": "fast"}', f"plan must be one of {', '.join(PLANS)}, not fast"),
        ('{"seed": "-1"}', "seed must be a number"),
        ('{"seed": "1.5"}', "seed must be a number"),
        ('{"imagenet": "r18.pth"}', "imagenet names r18.pth, which is not in the training channel"),
    ],
)
def test_hyperparameters_that_mean_nothing_are_named(tmp_path, given, reason) -> None:
    with pytest.raises(Unusable, match=reason):
        hyperparameters(tmp_path, given)


def test_folders_come_one_by_one_from_the_environment(tmp_path) -> None:
    folders = Folders.of({"SM_CHANNEL_TRAINING": "/t", "SM_MODEL_DIR": "/m", "SM_OUTPUT_DIR": "/o", "SM_CHECKPOINT_DIR": "/c"})
    assert [str(path) for path in (folders.training, folders.model, folders.output, folders.checkpoints)] == ["/t", "/m", "/o", "/c"]
    assert str(folders.hyperparameters) == "/opt/ml/input/config/hyperparameters.json"


def test_the_entry_point_knows_two_jobs(ml_root) -> None:
    other = start(ml_root, "shell")
    assert "train | serve" in other.communicate()[0]
    assert other.returncode == 64
