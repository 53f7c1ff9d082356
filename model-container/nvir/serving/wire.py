"""The wire format: a .npy body of images in, named numbers out, and a sentence for every body that cannot be answered."""

from __future__ import annotations

import io
from collections.abc import Mapping

import numpy as np

# 90 × 65,536 bytes stay below the 6,000,000 that SageMaker lets through.
MAX_IMAGES = 90
MAX_BYTES = 6_000_000
SIDE = 256
CONTENT_TYPE = "application/x-npy"
# A model's outputs, and what an answer calls them. Without calibration a model has only the first, without held-out domains not the last.
NAMES = {
    "viability": "viability",
    "half_width_90": "halfWidth90",
    "domain_distance": "domainDistance",
    "shared_half_width_90": "sharedHalfWidth90",
}

Outputs = Mapping[str, np.ndarray]


class Refused(Exception):
    """A request that cannot be answered; the sentence goes to the caller."""

    def __init__(self, status: int, reason: str, retry_after_s: int | None = None) -> None:
        super().__init__(reason)
        self.status = status
        self.retry_after_s = retry_after_s


def parse_images(body: bytes | bytearray) -> np.ndarray:
    """The uint8 array (N, 256, 256) of a .npy body, without a copy. The header is judged before anything is allocated by it.

    @throws Refused (400) with what is wrong about it.
    """
    file = io.BytesIO(memoryview(body)[: 1 << 16])
    try:
        version = np.lib.format.read_magic(file)
        read_header = {(1, 0): np.lib.format.read_array_header_1_0, (2, 0): np.lib.format.read_array_header_2_0}[version]
        shape, fortran, dtype = read_header(file)
    except Exception as error:  # NumPy raises many kinds for foreign bytes.
        raise Refused(400, f"the body is not a .npy array ({_short(error)})") from None
    if dtype != np.uint8 or len(shape) != 3 or shape[1:] != (SIDE, SIDE) or fortran:
        raise Refused(400, f"the array must be uint8 of shape (N, {SIDE}, {SIDE}) in C order, not {_short(dtype)} {_short(shape)}")
    if not 1 <= shape[0] <= MAX_IMAGES:
        raise Refused(400, f"a request holds 1 to {MAX_IMAGES} images, not {_short(shape[0])}")
    pixels = len(body) - file.tell()
    if pixels != shape[0] * SIDE * SIDE:
        raise Refused(400, f"the header announces {shape[0] * SIDE * SIDE} bytes of pixels, but {pixels} came")
    return np.frombuffer(body, np.uint8, offset=file.tell()).reshape(shape)


def answer_of(outputs: Outputs, identity: Mapping[str, str]) -> dict:
    """What `/invocations` says: the model's outputs by the wire's names, each (N,), and who says it."""
    return {**{wire: outputs[name].tolist() for name, wire in NAMES.items() if name in outputs}, "model": dict(identity)}


def _short(value: object) -> str:
    """A foreign header may be long; a sentence is not."""
    text = str(value)
    return text if len(text) <= 120 else f"{text[:117]}..."
