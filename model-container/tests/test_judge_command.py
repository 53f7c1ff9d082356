"""The one command that regenerates all that is said of a model."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from nvir.export import export

HERE = Path(__file__).resolve().parents[1]


def judge(*options: str, path: Path | None = None) -> subprocess.CompletedProcess:
    """`path`: folder of programs that go before the machine's."""
    environment = {**os.environ, "PYTHON": sys.executable}
    if path:
        environment["PATH"] = f"{path}:{os.environ['PATH']}"
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


@pytest.fixture
def spoilt_node(tmp_path) -> Path:
    """A folder with a `node` that notes what it is asked for, and is cut off in the middle of the rendering ranges."""
    script = f"""#!/bin/sh
echo "$*" >> {tmp_path}/asked
case "$*" in *ranges.ts*) printf '{{"half": '; exit 1 ;; *pitfall-set.ts*) exit 0 ;; esac
exec {shutil.which("node")} "$@"
"""
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "node").write_text(script)
    (tmp_path / "bin" / "node").chmod(0o755)
    return tmp_path / "bin"


def test_a_stop_in_the_middle_leaves_the_ranges_that_were_there(spoilt_node, pitfall_folder, tmp_path) -> None:
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "mechanisms.json").write_text("{}\n")
    run = judge("--model", str(tmp_path / "model"), "--pitfalls", str(pitfall_folder), path=spoilt_node)
    assert run.returncode != 0
    assert {file.name: file.read_text() for file in (tmp_path / "model").iterdir()} == {"mechanisms.json": "{}\n"}


def test_pitfalls_that_are_given_are_taken_as_they_are_and_its_own_are_drawn_anew_where_they_are_others(
    spoilt_node, pitfall_folder, tmp_path
) -> None:
    (tmp_path / "model").mkdir()
    asked = tmp_path / "asked"
    judge("--model", str(tmp_path / "model"), "--pitfalls", str(pitfall_folder), path=spoilt_node)
    assert "pitfall-set.ts" not in asked.read_text()
    asked.unlink()
    judge("--model", str(tmp_path / "model"), path=spoilt_node)
    assert "simulation/pitfall-set.ts --unless-there --out" in asked.read_text()
    asked.unlink()
    judge("--model", str(tmp_path / "model"), "--pitfalls", str(tmp_path / "none"), path=spoilt_node)
    assert f"simulation/pitfall-set.ts --unless-there --out {tmp_path / 'none'}" in asked.read_text()
