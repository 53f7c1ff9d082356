"""10,000 malformed requests, of a seed: every one that can be answered gets a 4xx with a sentence, and the server goes on."""

from __future__ import annotations

import http.client
import json
import socket
import struct
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from serving import SHIPPED, call, npy, pictures, serving

from nvir.serving.backends import open_backend

BODIES, RAW, SLOW, THREADS = 7500, 2400, 100, 4
ONE = npy(pictures(1))
HEADER = ONE[:128]
PICKLED = npy(np.array([{"a": 1}, None], dtype=object), pickled=True)
Random = np.random.Generator


def header(text: str, version: bytes = b"\x01\x00") -> bytes:
    size = struct.pack("<H" if version[0] == 1 else "<I", len(text))
    return b"\x93NUMPY" + version + size + text.encode("latin1")


def shaped(shape: str, dtype: str = "|u1", order: str = "False") -> bytes:
    return header(f"{{'descr': '{dtype}', 'fortran_order': {order}, 'shape': {shape}, }}\n")


def flipped(random: Random) -> bytes:
    """The header with some bytes changed, and no pixels: never a body that could be answered."""
    changed = bytearray(HEADER)
    for at in random.integers(0, len(changed), 1 + random.integers(6)):
        changed[at] = random.integers(256)
    return bytes(changed)


def pick(random: Random, options: list) -> object:
    return options[random.integers(len(options))]


BAD_BODIES: list[Callable[[Random], bytes]] = [
    lambda r: ONE[: r.integers(len(ONE))],
    lambda r: ONE + r.bytes(1 + int(r.integers(500))),
    lambda r: r.bytes(int(r.integers(600))),
    flipped,
    lambda r: b"\x93NUMPX" + ONE[6:200],
    lambda r: shaped("(1, 256, 256)", str(pick(r, ["<f4", ">u2", "|b1", "|i1", "<U9", "|O", "|V8", "<M8[D]", "[]", "\x00"]))) + bytes(200),
    lambda r: shaped(str(tuple(int(n) for n in r.integers(-3, 400, int(r.integers(6))))) or "()") + bytes(int(r.integers(300))),
    lambda r: shaped(str(pick(r, ["(9" + "9" * 300 + ", 256, 256)", "(True, 256, 256)", "(None,)", "[1, 256, 256]", "(1.0, 256, 256)"]))),
    lambda r: shaped("(1, 256, 256)", order="True") + bytes(65536),
    lambda r: header("{" * int(r.integers(1, 3000)), bytes([int(r.integers(1, 5)), 0])),
    lambda r: header("(" * 40_000, b"\x02\x00"),
    lambda r: b"\x93NUMPY\x02\x00" + struct.pack("<I", int(r.integers(1 << 31, 1 << 32))) + r.bytes(50),
    lambda r: PICKLED[: int(r.integers(80, len(PICKLED) + 1))],
    lambda r: shaped("(1, 256, 256), 'more': __import__('os')") + bytes(100),
]

POST = b"POST /invocations HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-npy\r\n"
BAD_STREAMS: list[Callable[[Random], bytes]] = [
    lambda r: r.bytes(1 + int(r.integers(400))),
    lambda r: r.bytes(int(r.integers(40))) + b"\r\n\r\n",
    lambda r: POST + b"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
    lambda r: POST + b"Transfer-Encoding: chunked\r\nContent-Length: 9\r\n\r\nFFFFFFFFFF\r\n",
    lambda r: POST + f"Content-Length: {pick(r, ['-1', '1e3', '0x10', '', ' ', '99999999999999999999', '٣', '5, 5'])}\r\n\r\n".encode(),
    lambda r: POST + f"Content-Length: {len(ONE)}\r\n\r\n".encode() + ONE[: int(r.integers(2000))],
    lambda r: POST + b"Content-Length: 3\r\nContent-Length: 4\r\n\r\nabcd",
    lambda r: POST[: int(r.integers(1, len(POST)))],
    lambda r: b"GET /" + b"a" * int(r.integers(60_000, 70_000)) + b" HTTP/1.1\r\n\r\n",
    lambda r: POST + b"X: " + b"b" * 70_000 + b"\r\n\r\n",
    lambda r: POST + b"".join(b"X-%d: y\r\n" % i for i in range(200)) + b"\r\n",
    lambda r: (
        f"{pick(r, ['DELETE', 'PUT', 'TRACE', 'get', 'POST'])} {pick(r, ['/', '/pings', '*', '//', '/%00'])} HTTP/1.1\r\n\r\n".encode()
    ),
    lambda r: f"GET /ping HTTP/{pick(r, ['2.0', '9', '1.1.1', 'x', '1.'])}\r\n\r\n".encode(),
    lambda r: b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    lambda r: b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + r.bytes(200),
]


def send_bodies(port: int, seed: int, count: int) -> Counter[int]:
    """Well-formed HTTP over one connection that stays open, with bodies that are not what they should be."""
    random, statuses = np.random.default_rng(seed), Counter[int]()
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    for number in range(count):
        kind = "application/x-npy" if number % 20 else str(pick(random, ["text/plain", "application/json", "", "x" * 500]))
        body = BAD_BODIES[number % len(BAD_BODIES)](random)
        connection.request("POST", "/invocations", body, {"Content-Type": kind})
        response = connection.getresponse()
        answer = json.loads(response.read())
        assert 10 < len(answer["error"]) < 500
        statuses[response.status] += 1
    connection.close()
    return statuses


def send_raw(port: int, seed: int, count: int) -> Counter[str]:
    """Streams that may not even be HTTP; the caller half-closes, hangs up or resets."""
    random, told = np.random.default_rng(seed), Counter[str]()
    for number in range(count):
        with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
            ending = random.integers(4)
            if ending == 0:  # Reset instead of a goodbye.
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            answer = b""
            try:
                connection.sendall(BAD_STREAMS[number % len(BAD_STREAMS)](random))
                if ending > 1:
                    connection.shutdown(socket.SHUT_WR)
                    answer = b"".join(iter(lambda: connection.recv(65536), b""))  # noqa: B023
            except ConnectionError:  # The server hung up first, on what it will not read.
                told["hung up"] += 1
            told[answer[9:12].decode("latin1") if answer.startswith(b"HTTP/1.1 ") else "none"] += 1
    return told


def test_ten_thousand_malformed_requests_leave_the_server_answering() -> None:
    with serving(lambda: open_backend(SHIPPED)) as (url, _):
        port = int(url.rsplit(":", 1)[1])
        before = call(f"{url}/invocations", ONE)
        # Callers that stop in the middle hold a thread each, and nothing else, while the rest goes on.
        slow = [socket.create_connection(("127.0.0.1", port)) for _ in range(SLOW)]
        for number, connection in enumerate(slow):
            connection.sendall((POST + f"Content-Length: {len(ONE)}\r\n\r\n".encode() + ONE)[: 1 + 37 * number])
        with ThreadPoolExecutor(2 * THREADS) as callers:
            bodies = [callers.submit(send_bodies, port, seed, BODIES // THREADS) for seed in range(THREADS)]
            raw = [callers.submit(send_raw, port, 100 + seed, RAW // THREADS) for seed in range(THREADS)]
            statuses = sum((future.result() for future in bodies), Counter[int]())
            told = sum((future.result() for future in raw), Counter[str]())
        assert call(f"{url}/ping") == (200, {"ready": True})
        assert call(f"{url}/invocations", ONE) == before
        for connection in slow:
            connection.close()
    assert before[0] == 200
    assert set(statuses) == {400, 415}
    assert sum(statuses.values()) + sum(told[key] for key in told if key != "hung up") + SLOW == 10_000
    assert {key for key in told if key.isdecimal()} <= {"400", "404", "405", "408", "411", "413", "414", "431", "505"}
    assert sum(count for key, count in told.items() if key.isdecimal()) > RAW / 4
