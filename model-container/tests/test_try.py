"""The one command from plates to served weights, on the smallest set: Node and Python together, as a newcomer runs it."""

import csv
import json
import os
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parents[1]


def test_from_simulated_plates_to_an_answer(tmp_path) -> None:
    run = subprocess.run(
        ["bash", str(HERE / "try.sh"), "--small", "--out", str(tmp_path / "try")],
        env={**os.environ, "PYTHON": sys.executable},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stdout + run.stderr
    with (tmp_path / "try" / "set" / "index.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert {row["split"] for row in rows} == {"train", "validation", "test", "unseen"}
    assert {row["study"] for row in rows if row["split"] == "test"} == {"study-4"}
    said = next(line for line in run.stdout.splitlines() if line.startswith("the server says "))
    answer = json.loads(said.removeprefix("the server says "))
    identity = json.loads((tmp_path / "try" / "model" / "model.json").read_text())
    assert len(answer["viability"]) == 1
    assert answer["model"]["sha256"] == identity["sha256"]
    assert "SIMULATED" in run.stdout
