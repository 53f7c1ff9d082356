"""Several servers on one port, one a GPU: the kernel deals connections among the processes that listen."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from .logs import log


def supervise(count: int, folder: Path | None, port: int) -> int:
    """Starts the servers, passes SIGTERM on, and returns 0 when all ended so. One that ends by itself ends all: the host restarts."""
    if port == 0:
        raise SystemExit("several processes need one port that is named: 0 would give each its own")
    visible = os.environ.get("CUDA_VISIBLE_DEVICES", "").split(",")
    names = visible if len(visible) == count else [str(number) for number in range(count)]
    command = [sys.executable, "-m", "nvir", "serve", "--port", str(port), *(["--model", str(folder)] if folder else [])]
    servers = [subprocess.Popen(command, env={**os.environ, "NVIR_PROCESSES": "1", "CUDA_VISIBLE_DEVICES": name}) for name in names]
    stopping = False

    def stop(*_: object) -> None:
        nonlocal stopping
        stopping = True
        for server in servers:
            if server.poll() is None:
                server.send_signal(signal.SIGTERM)

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    while all(server.poll() is None for server in servers):
        time.sleep(0.2)
    if not stopping:
        log("error", "one of the servers ended by itself: stopping the others")
        stop()
    codes = [server.wait() for server in servers]
    return 0 if stopping and not any(codes) else 1
