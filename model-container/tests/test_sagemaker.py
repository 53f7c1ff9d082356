"""The container's two jobs, run natively by its entry point: begun by root where it can be, with SageMaker's folders and variables."""

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


# Where the tests run as root the jobs drop to a user without rights, or fail: there is no quiet second way. Elsewhere nothing can be
# dropped, and they run as whoever runs the tests.
ROOT_RUNS = os.geteuid() == 0
RUNS_AS = NOBODY if ROOT_RUNS else os.geteuid()


@pytest.fixture
def ml_root(labelled_folder) -> Iterator[Path]:
    """/opt/ml as SageMaker mounts it: whoever runs the container owns it (root in the real one), and only its owner may write.

    Not below pytest's folder, which only its owner may enter.
    """
    root = Path(tempfile.mkdtemp())
    shutil.copytree(labelled_folder, root / "input/data/training")
    (root / "input/config").mkdir()
    (root / "input/config/hyperparameters.json").write_text(json.dumps({"plan": "smoke", "seed": "3", "sagemaker_program": "x"}))
    shutil.copytree(ROOT / "nvir", root / "code/nvir", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "entrypoint", root / "code/entrypoint")
    for name in ("model", "output", "checkpoints", "tmp"):
        (root / name).mkdir()
    for path in (root, *root.rglob("*")):
        path.chmod(0o755 if path.is_dir() or path.name == "entrypoint" else 0o644)
    yield root
    shutil.rmtree(root)


def start(root: Path, job: str, user: int | None = None, **more: str) -> subprocess.Popen[str]:
    """The entry point as it is in the image, begun by root where the tests run as root, or by `user`."""
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(root),
        "TMPDIR": str(root / "tmp"),
        "NVIR_ML_ROOT": str(root),
        "OMP_NUM_THREADS": "1",
        "NVIR_USER": "nobody",
        "NVIR_SERVE_PYTHON": sys.executable,
        "NVIR_TRAIN_PYTHON": sys.executable,
        "PYTHONDONTWRITEBYTECODE": "1",
        **more,
    }
    other = {} if user is None else {"user": user, "group": user, "extra_groups": []}
    command = [str(root / "code/entrypoint"), job]
    return subprocess.Popen(command, env=environment, cwd="/", stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **other)


def owner_of(process: subprocess.Popen[str]) -> int:
    return Path(f"/proc/{process.pid}").stat().st_uid


def test_train_in_folders_of_root_or_else_as_this_user_writes_a_model_that_serve_answers_with(ml_root) -> None:
    training = start(ml_root, "train")
    said = training.communicate(timeout=400)[0]
    assert training.returncode == 0, said
    described = json.loads((ml_root / "model/model.json").read_text())
    assert not (ml_root / "output/failure").exists()
    for name in ("model/model.json", "checkpoints/best.pt", "output/data/best.pt", "output/data/history.jsonl"):
        assert (ml_root / name).stat().st_uid == RUNS_AS, name
    # Checkpoints are lost with the machine where the job has no CheckpointConfig; the output is kept.
    assert (ml_root / "output/data/best.pt").read_bytes() == (ml_root / "checkpoints/best.pt").read_bytes()

    port = free_port()
    server = start(ml_root, "serve", SM_MODEL_DIR=str(ml_root / "model"), SAGEMAKER_BIND_TO_PORT=str(port))
    for line in server.stdout or ():
        if json.loads(line)["message"] == "ready":
            break
    if Path("/proc/self").exists():
        assert owner_of(server) == RUNS_AS
    status, answer = call(f"http://127.0.0.1:{port}/invocations", npy(pictures(2)))
    assert status == 200
    assert answer["model"]["sha256"] == described["sha256"]
    server.send_signal(signal.SIGTERM)
    server.communicate(timeout=60)
    assert server.returncode == 0


@pytest.mark.parametrize("user", [None, NOBODY] if ROOT_RUNS else [None], ids=lambda user: f"begun by {user or os.geteuid()}")
def test_a_job_of_any_user_who_owns_the_output_can_say_why_it_failed(ml_root, user) -> None:
    if user is not None:
        os.chown(ml_root / "output", user, user)
    (ml_root / "input/data/training/images.npy").unlink()
    job = start(ml_root, "train", user)
    said = job.communicate(timeout=60)[0]
    assert job.returncode == 1, said
    assert "must hold images.npy" in (ml_root / "output/failure").read_text()
    assert (ml_root / "output/failure").stat().st_uid == RUNS_AS


def test_root_without_the_user_to_become_or_else_this_user_is_told_so(ml_root) -> None:
    job = start(ml_root, "train", NVIR_USER="no-such-user", SM_HPS="{")
    said = job.communicate(timeout=60)[0]
    assert job.returncode == 1, said
    reason = (ml_root / "output/failure").read_text()
    assert ("NVIR_USER: there is no user no-such-user" if ROOT_RUNS else "SM_HPS is no JSON") in reason


def test_what_was_trained_is_kept_when_the_export_fails(tmp_path, labelled_folder, monkeypatch) -> None:
    def trained(_data: Path, run: Path, *_: object) -> None:
        run.mkdir(parents=True)
        (run / "best.pt").write_text("weights")
        (run / "history.jsonl").write_text("{}")

    def no_room(*_: object) -> None:
        raise OSError("No space left on device")

    monkeypatch.setattr("nvir.train.train", trained)
    monkeypatch.setattr("nvir.export.export", no_room)
    shutil.copytree(labelled_folder, tmp_path / "input/data/training")
    assert train_job({"NVIR_ML_ROOT": str(tmp_path)}) == 1
    assert "No space left" in (tmp_path / "output/failure").read_text()
    assert (tmp_path / "output/data/best.pt").read_text() == "weights"
    assert (tmp_path / "output/data/history.jsonl").read_text() == "{}"


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
    given = {"SM_CHANNEL_TRAINING": "/t", "SM_MODEL_DIR": "/m", "SM_OUTPUT_DIR": "/o", "SM_CHECKPOINT_DIR": "/c"}
    folders = Folders.of(given)
    assert [str(path) for path in (folders.training, folders.model, folders.output, folders.checkpoints)] == ["/t", "/m", "/o", "/c"]
    assert str(folders.output_data) == "/o/data"
    assert str(Folders.of({**given, "SM_OUTPUT_DATA_DIR": "/d"}).output_data) == "/d"
    assert str(folders.hyperparameters) == "/opt/ml/input/config/hyperparameters.json"


def test_the_entry_point_knows_two_jobs(ml_root) -> None:
    other = start(ml_root, "shell")
    assert "train | serve" in other.communicate()[0]
    assert other.returncode == 64
