"""The one command that regenerates all that is said of a model."""

import json
import os
import subprocess
import sys
from pathlib import Path

from nvir.export import export

HERE = Path(__file__).resolve().parents[1]


def judge(*options: str) -> subprocess.CompletedProcess:
    environment = {**os.environ, "PYTHON": sys.executable}
    return subprocess.run(["bash", str(HERE / "judge.sh"), *options], env=environment, capture_output=True, text=True, check=False)


def test_figures_card_and_page_of_one_command(labelled_folder, run_folder, pitfall_folder, tmp_path) -> None:
    model, page = tmp_path / "model", tmp_path / "report.html"
    export(labelled_folder, run_folder, model, say=lambda *_a, **_k: None)
    options = {"data": labelled_folder, "run": run_folder, "model": model, "pitfalls": pitfall_folder, "report": page, "cache": tmp_path}
    run = judge(*(text for name, value in options.items() for text in (f"--{name}", str(value))))
    assert run.returncode == 0, run.stdout + run.stderr
    found = json.loads((model / "evaluation.json").read_text())
    assert found["pitfalls"]["images"] == 48
    assert f"{found['splits']['unseen']['int8']['mae']:.3f}" in page.read_text()
    card = (model / "MODEL_CARD.md").read_text()
    assert "Rendering ranges" in card
    assert "What an image cannot see, or mistakes" in card


def test_an_option_that_there_is_none_of_is_refused() -> None:
    run = judge("--dta", "x")
    assert run.returncode == 2
    assert "--pitfalls" in run.stdout
