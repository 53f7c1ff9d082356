"""`python -m nvir bench`: how fast the device it runs on answers, alone and through HTTP, beside plain PyTorch and the floor."""

from __future__ import annotations

import contextlib
import http.client
import io
import json
import os
import platform
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from .serving.backends import Backend, open_backend
from .serving.http import Server
from .serving.service import Service
from .serving.wire import SIDE

# Multiplications and additions of an image: 2.27 GMAC of ResNet18 and head at 256 × 256, one channel.
FLOP_PER_IMAGE = 2 * 2.27e9
QUICK_SECONDS, FULL_SECONDS = 1.0, 5.0
CLIENTS, IMAGES = (1, 8, 64), (1, 16, 90)


@dataclass(frozen=True)
class Row:
    """`images_per_cpu_s`: of a second of this process's CPU time, which other work on the machine changes little. `refused`: answers
    429, asked again. Latencies are of a request, and None for the model alone."""

    what: str
    clients: int
    images: int
    images_per_s: float
    images_per_cpu_s: float
    p50_ms: float | None
    p99_ms: float | None
    refused: int
    memory_mb: float


def bench(folder: Path, quick: bool, as_json: bool) -> None:
    """Prints the table; `--quick` measures a few rows for a second each, else all for five."""
    with contextlib.redirect_stdout(_ServerLog()):
        report = measure(folder, quick, _progress(as_json))
    print(json.dumps(report, indent=2) if as_json else table(report))


class _ServerLog(io.TextIOBase):
    """Takes the server's log from standard output, which is the report's: what went wrong is told beside it."""

    def write(self, line: str) -> int:
        if '"level": "info"' not in line:
            sys.stderr.write(line)
        return len(line)


def measure(folder: Path, quick: bool, say: Callable[[str], None]) -> dict:
    """The report: device, model, rows and floor."""
    seconds = QUICK_SECONDS if quick else FULL_SECONDS
    backend, identity = open_backend(folder)
    rows = [model_alone(backend, seconds, say)]
    if eager := eager_pytorch(backend.device, seconds, say):
        rows.append(eager)
    for clients in CLIENTS:
        for images in IMAGES:
            if not quick or (clients, images) in ((1, 1), (8, 16), (8, 90)):
                rows.append(through_http(backend, identity, clients, images, seconds, say))
    ceiling, unit = measured_ceiling(backend, seconds)
    bytes_per_s = copy_speed(seconds)
    say("")
    return {
        "device": describe(backend),
        "model": identity,
        "rows": [asdict(row) for row in rows],
        "floor": {
            "flop_per_image": FLOP_PER_IMAGE,
            "ceiling_flop_per_s": ceiling,
            "ceiling": unit,
            "bytes_per_image": SIDE * SIDE,
            "copy_bytes_per_s": bytes_per_s,
            "images_per_s_at_ceiling": 1 / (FLOP_PER_IMAGE / ceiling + SIDE * SIDE / bytes_per_s),
        },
    }


def table(report: dict) -> str:
    """The report for people."""
    floor = report["floor"]
    most = floor["images_per_s_at_ceiling"]
    lines = [report["device"], "                         clients images   images/s  of floor  a CPU s   p50 ms   p99 ms  429  memory MB"]
    for row in report["rows"]:
        rate, of_cpu = row["images_per_s"], row["images_per_cpu_s"]
        lines.append(
            f"{row['what']:<24} {row['clients'] or '':>7} {row['images']:>6} {rate:>10.1f} {rate / most:>9.2f} {of_cpu:>8.1f}"
            f" {_ms(row['p50_ms'])} {_ms(row['p99_ms'])} {row['refused']:>4} {row['memory_mb']:>10.0f}"
        )
    lines.append(
        f"floor: {floor['flop_per_image'] / 1e9:.2f} GFLOP at {floor['ceiling_flop_per_s'] / 1e9:.0f} GFLOP/s ({floor['ceiling']}) and "
        f"{floor['bytes_per_image']} bytes at {floor['copy_bytes_per_s'] / 1e9:.1f} GB/s: {most:.1f} images/s"
    )
    return "\n".join(lines)


def _ms(value: float | None) -> str:
    return f"{value:>8.1f}" if value is not None else f"{'':>8}"


def describe(backend: Backend) -> str:
    """Device, and the load that the machine had beside us: a figure from a busy machine is not one from an idle one."""
    cpu = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.exists():
        cpu = next((line.split(":", 1)[1].strip() for line in info.read_text().splitlines() if line.startswith("model name")), cpu)
    load = f", load average {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else ""
    return f"{backend.variant} on {backend.device}; {cpu}, {os.cpu_count()} cores{load}"


def model_alone(backend: Backend, seconds: float, say: Callable[[str], None]) -> Row:
    """All lanes busy with full batches."""
    say("model alone")
    images = _pictures(backend.limits.batch_images)
    done = [0] * backend.limits.lanes
    cpu, until = time.process_time(), time.perf_counter() + seconds

    def work(lane: int) -> None:
        while time.perf_counter() < until:
            backend.run(images, lane)
            done[lane] += len(images)

    elapsed = _in_threads([lambda lane=lane: work(lane) for lane in range(backend.limits.lanes)])
    return Row("model alone", 0, len(images), sum(done) / elapsed, sum(done) / (time.process_time() - cpu), None, None, 0, memory_mb())


def eager_pytorch(device: str, seconds: float, say: Callable[[str], None]) -> Row | None:
    """The same network as PyTorch runs it when nothing is done about speed; None without torchvision."""
    try:
        import torch

        from .network import NViR
    except ImportError:
        return None
    say("eager PyTorch")
    where = "cpu" if device == "cpu" else "cuda"
    torch.set_num_threads(os.cpu_count() or 1)
    model, images, done = NViR().eval().to(where), torch.from_numpy(_pictures(16)), 0
    with torch.no_grad():
        model(images.to(where)).cpu()
        cpu, started = time.process_time(), time.perf_counter()
        while time.perf_counter() - started < seconds:
            model(images.to(where)).cpu()
            done += len(images)
    elapsed, spent = time.perf_counter() - started, time.process_time() - cpu
    return Row("eager PyTorch, fp32", 0, 16, done / elapsed, done / spent, None, None, 0, memory_mb())


def through_http(backend: Backend, identity: dict, clients: int, images: int, seconds: float, say: Callable[[str], None]) -> Row:
    """Clients in this process that keep their connections; so their work is part of what is measured."""
    say(f"HTTP, {clients} clients, {images} images a request")
    service = Service(lambda: (backend, identity))
    service.load()
    server = Server(("127.0.0.1", 0), service)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    body = _npy(_pictures(images))
    latencies: list[float] = []
    refused: list[int] = []
    cpu, until = time.process_time(), time.perf_counter() + seconds

    def ask() -> None:
        connection = http.client.HTTPConnection(*server.server_address, timeout=300)
        while time.perf_counter() < until:
            started = time.perf_counter()
            connection.request("POST", "/invocations", body, {"Content-Type": "application/x-npy"})
            response = connection.getresponse()
            response.read()
            if response.status == 200:
                latencies.append(time.perf_counter() - started)
            elif response.status == 429:
                refused.append(1)
                time.sleep(int(response.headers["Retry-After"]))
            else:
                raise RuntimeError(f"the server answered {response.status}")
        connection.close()

    elapsed = _in_threads([ask] * clients)
    spent, answered = time.process_time() - cpu, len(latencies) * images
    server.shutdown()
    server.server_close()
    service.close()
    p50, p99 = (1000 * np.quantile(latencies, (0.5, 0.99))).tolist()
    return Row("HTTP", clients, images, answered / elapsed, answered / spent, p50, p99, len(refused), memory_mb())


def measured_ceiling(backend: Backend, seconds: float) -> tuple[float, str]:
    """Operations/s of a large matrix product in the arithmetic that the variant uses, on all cores or the GPU."""
    if backend.device != "cpu":
        import torch

        half = torch.ones(8192, 8192, dtype=torch.float16, device="cuda")
        return _product_speed(lambda: (half @ half, torch.cuda.synchronize()), 8192, seconds), "fp16 matrix product, PyTorch"
    if backend.variant == "int8":
        return _product_speed(_int8_product(2048), 2048, seconds), "int8 matrix product, ONNX Runtime"
    single = np.ones((2048, 2048), np.float32)
    return _product_speed(lambda: single @ single, 2048, seconds), "fp32 matrix product, NumPy"


def _int8_product(side: int) -> Callable[[], object]:
    import onnx
    import onnxruntime
    from onnx import TensorProto, helper, numpy_helper

    weight = numpy_helper.from_array(np.ones((side, side), np.int8), "b")
    graph = helper.make_graph(
        [helper.make_node("MatMulInteger", ["a", "b"], ["c"])],
        "product",
        [helper.make_tensor_value_info("a", TensorProto.UINT8, [side, side])],
        [helper.make_tensor_value_info("c", TensorProto.INT32, [side, side])],
        [weight],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    onnx.checker.check_model(model)
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    ones = np.ones((side, side), np.uint8)
    return lambda: session.run(None, {"a": ones})


def copy_speed(seconds: float) -> float:
    """Bytes/s at which this process copies pixels, as the server does once."""
    source, target = np.zeros(64 << 20, np.uint8), np.ones(64 << 20, np.uint8)
    return max(source.nbytes / _time(lambda: np.copyto(target, source)) for _ in range(max(3, int(4 * seconds))))


def memory_mb() -> float:
    """Largest resident memory of this process so far, in MB."""
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1e6 if sys.platform == "darwin" else 1e3)


def _product_speed(product: Callable[[], object], side: int, seconds: float) -> float:
    product()
    best, until = 0.0, time.perf_counter() + seconds
    while time.perf_counter() < until:
        best = max(best, 2 * side**3 / _time(product))
    return best


def _time(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def _in_threads(works: list[Callable[[], None]]) -> float:
    """Seconds until all are done; the first error of one is raised."""
    errors: list[BaseException] = []

    def guarded(work: Callable[[], None]) -> None:
        try:
            work()
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=guarded, args=(work,)) for work in works]
    elapsed = _time(lambda: ([thread.start() for thread in threads], [thread.join() for thread in threads]))
    if errors:
        raise errors[0]
    return elapsed


def _pictures(count: int) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (count, SIDE, SIDE)).astype(np.uint8)


def _npy(array: np.ndarray) -> bytes:
    file = io.BytesIO()
    np.save(file, array, allow_pickle=False)
    return file.getvalue()


def _progress(as_json: bool) -> Callable[[str], None]:
    if as_json or not sys.stderr.isatty():
        return lambda text: None
    return lambda text: print(f"\r\x1b[K{text}", end="", file=sys.stderr, flush=True)
