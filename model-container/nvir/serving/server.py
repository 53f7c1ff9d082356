"""`python -m nvir serve`: one process a GPU, until SIGTERM."""

from __future__ import annotations

import os
import signal
import threading
import time
from pathlib import Path

from .backends import gpu_offered, open_backend
from .http import Server
from .logs import log
from .processes import supervise
from .service import Service

SHIPPED = Path(__file__).resolve().parents[2] / "model"
# So that a balancer sees the 503 before connections are refused.
NOTICE_SECONDS = 1.0
# SageMaker and Docker send SIGKILL 30 s, or 10 s, after SIGTERM.
DRAIN_SECONDS = 25.0


def serve(folder: Path | None, port: int | None) -> int:
    """Serves until SIGTERM and returns the exit code.

    Environment: SM_MODEL_DIR, SAGEMAKER_BIND_TO_PORT, NVIR_HOST (the container sets all addresses), NVIR_DEVICE (auto, cuda, cpu),
    NVIR_ALLOW_CPU=1, NVIR_PROCESSES (default: one a GPU).
    """
    processes = process_count()
    chosen = port if port is not None else int(os.environ.get("SAGEMAKER_BIND_TO_PORT", "8080"))
    if processes > 1:
        return supervise(processes, folder, chosen)
    source = folder or Path(os.environ.get("SM_MODEL_DIR", SHIPPED))
    service = Service(lambda: open_backend(source))
    server = Server((os.environ.get("NVIR_HOST", "127.0.0.1"), chosen), service, share_port="NVIR_PROCESSES" in os.environ)
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    threading.Thread(target=service.load, daemon=True).start()
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True).start()
    log("info", f"listening on {server.server_address[0]}:{server.server_address[1]}")
    stopping.wait()
    return stop(server, service)


def stop(server: Server, service: Service) -> int:
    """/ping 503 first, then no new connections, then the answers that are owed."""
    service.drain()
    time.sleep(NOTICE_SECONDS)
    server.shutdown()
    server.socket.close()
    answered = service.wait_until_idle(DRAIN_SECONDS)
    log("info" if answered else "error", "stopped" if answered else f"stopped with requests unanswered after {DRAIN_SECONDS:.0f} s")
    return 0 if answered else 1


def process_count() -> int:
    """NVIR_PROCESSES, else the number of GPUs, at least one."""
    if told := os.environ.get("NVIR_PROCESSES"):
        if not told.isdecimal() or int(told) < 1:
            raise SystemExit(f"NVIR_PROCESSES={told}: it must be a number from 1")
        return int(told)
    if not gpu_offered():
        return 1
    try:
        import torch

        # Asks the driver's library, without making a context in this process.
        return max(1, torch.cuda.device_count())
    except ImportError:
        return 1
