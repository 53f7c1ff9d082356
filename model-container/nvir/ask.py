"""`python -m nvir.ask FOLDER`: serves FOLDER/model on a free port, asks for one held-out image of FOLDER/set, and stops the server."""

from __future__ import annotations

import csv
import io
import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import numpy as np

START_SECONDS = 120


def ask(folder: Path, say=print) -> dict:
    """The server's answer for the first image of the test split."""
    port = _free_port()
    # A try must also end on a machine whose GPU ONNX Runtime cannot use.
    environment = {**os.environ, "NVIR_ALLOW_CPU": "1"}
    command = [sys.executable, "-m", "nvir", "serve", "--model", str(folder / "model"), "--port", str(port)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, env=environment) as server:
        try:
            _wait(server, f"http://127.0.0.1:{port}/ping")
            row, body = _first_test_image(folder / "set")
            request = urllib.request.Request(f"http://127.0.0.1:{port}/invocations", body, {"Content-Type": "application/x-npy"})
            with urllib.request.urlopen(request, timeout=60) as response:
                answer = json.load(response)
        finally:
            server.terminate()
    label = float(row["atp_rlu"]) / float(row["atp_control_rlu"])
    say(f"{row['study']}/{row['plate']}/{row['well']}, {row['compound']} {row['concentration_uM']} uM: ATP {label:.2f} of untreated")
    say(f"the server says {json.dumps(answer)}")
    return answer


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _wait(server: subprocess.Popen, ping: str) -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            urllib.request.urlopen(ping, timeout=5).close()
            return
        except OSError as error:  # URLError is one: nobody listens yet, or not ready.
            if server.poll() is not None or time.monotonic() > deadline:
                raise SystemExit(f"the server did not come up: {error}") from None
            time.sleep(0.2)


def _first_test_image(folder: Path) -> tuple[dict[str, str], bytes]:
    with (folder / "index.csv").open(newline="") as file:
        row = next(row for row in csv.DictReader(file) if row["split"] == "test")
    body = io.BytesIO()
    np.save(body, np.load(folder / "images.npy", mmap_mode="r")[int(row["row"])][None])
    return row, body.getvalue()


if __name__ == "__main__":
    ask(Path(sys.argv[1]))
