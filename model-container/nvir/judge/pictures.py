"""Small inline pictures: scatter, lines, plate map, and gray images as PNG. No library, no script."""

from __future__ import annotations

import base64
import struct
import zlib
from html import escape

import numpy as np

SIZE, LEFT, BOTTOM, TOP, RIGHT = 300, 44, 36, 10, 10


def png(image: np.ndarray, factor: int = 2) -> str:
    """A uint8 image (H, W) as a data address, each side shrunk by `factor`."""
    height, width = (side // factor * factor for side in image.shape)
    small = image[:height, :width].reshape(height // factor, factor, width // factor, factor).mean(axis=(1, 3)).round().astype(np.uint8)
    lines = b"".join(b"\0" + line.tobytes() for line in small)
    header = struct.pack(">IIBBBBB", small.shape[1], small.shape[0], 8, 0, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(lines, 9)), (b"IEND", b""))
    packed = b"".join(struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in chunks)
    return "data:image/png;base64," + base64.b64encode(b"\x89PNG\r\n\x1a\n" + packed).decode()


class Axes:
    """A square plot; content is added, then `svg` draws it. With `log_x` equal factors lie equally far apart."""

    def __init__(
        self, x: tuple[float, float], y: tuple[float, float], x_title: str, y_title: str, ticks: tuple[list, list], log_x: bool = False
    ) -> None:
        self.x_range, self.y_range, self.log_x, self.parts = x, y, log_x, []
        for value in ticks[0]:
            self.parts.append(_line(self.x(value), TOP, self.x(value), SIZE - BOTTOM, "grid"))
            self.parts.append(_text(self.x(value), SIZE - BOTTOM + 14, f"{value:g}", "middle"))
        for value in ticks[1]:
            self.parts.append(_line(LEFT, self.y(value), SIZE - RIGHT, self.y(value), "grid"))
            self.parts.append(_text(LEFT - 6, self.y(value) + 3.5, f"{value:g}", "end"))
        middle = (LEFT + SIZE - RIGHT) / 2
        self.parts.append(_text(middle, SIZE - 4, x_title, "middle"))
        self.parts.append(f'<g transform="rotate(-90 11 {SIZE / 2})">{_text(11, SIZE / 2, y_title, "middle")}</g>')

    def x(self, value: float) -> float:
        low, high, value = (np.log(number) for number in (*self.x_range, value)) if self.log_x else (*self.x_range, value)
        return round(LEFT + (min(max(value, low), high) - low) / (high - low) * (SIZE - LEFT - RIGHT), 1)

    def y(self, value: float) -> float:
        low, high = self.y_range
        return round(SIZE - BOTTOM - (min(max(value, low), high) - low) / (high - low) * (SIZE - BOTTOM - TOP), 1)

    def dots(self, xs: np.ndarray, ys: np.ndarray, colour: str, size: float = 1.6) -> Axes:
        marks = "".join(f'<circle cx="{self.x(x)}" cy="{self.y(y)}" r="{size}"/>' for x, y in zip(xs, ys, strict=True))
        self.parts.append(f'<g fill="{colour}" fill-opacity=".55">{marks}</g>')
        return self

    def line(self, xs, ys, colour: str, dashed: bool = False) -> Axes:
        points = " ".join(f"{self.x(x)},{self.y(y)}" for x, y in zip(xs, ys, strict=True))
        dash = ' stroke-dasharray="4 3"' if dashed else ""
        self.parts.append(f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="1.5"{dash}/>')
        return self

    def svg(self, title: str, legend: dict[str, str] | None = None) -> str:
        frame = f'<rect x="{LEFT}" y="{TOP}" width="{SIZE - LEFT - RIGHT}" height="{SIZE - TOP - BOTTOM}" class="frame"/>'
        named = "".join(f'<br><span style="color:{colour}">●</span> {escape(name)}' for name, colour in (legend or {}).items())
        caption = f"<figcaption>{escape(title)}{named}</figcaption>"
        return (
            f'<figure><svg viewBox="0 0 {SIZE} {SIZE}" width="{SIZE}" height="{SIZE}">{frame}{"".join(self.parts)}</svg>{caption}</figure>'
        )


def plate_map(values: dict[tuple[int, int], float], limit: float, title: str) -> str:
    """Mean residual by row and column of the plate: blue reads too low, red too high; nothing where no well was."""
    rows, columns = (max(index) + 1 for index in zip(*values, strict=True))
    cell = min(24, 480 // columns)
    parts = []
    for column in range(columns):
        parts.append(_text(26 + cell * (column + 0.5), 10, str(column + 1), "middle"))
    for row in range(rows):
        parts.append(_text(16, 16 + cell * (row + 0.65), chr(65 + row), "middle"))
        for column in range(columns):
            value = values.get((row, column))
            if value is None:
                continue
            fill, told = diverging(value / limit), f"<title>{chr(65 + row)}{column + 1:02}: {value:+.3f}</title>"
            at = f'cx="{26 + cell * (column + 0.5):.1f}" cy="{16 + cell * (row + 0.5):.1f}" r="{cell * 0.42:.1f}"'
            parts.append(f'<circle {at} fill="{fill}" class="well">{told}</circle>')
    width, height = 26 + cell * columns + 6, 16 + cell * rows + 6
    picture = f'<svg viewBox="0 0 {width} {height}" width="{width}" height="{height}">{"".join(parts)}</svg>'
    return f"<figure>{picture}<figcaption>{escape(title)}</figcaption></figure>"


def diverging(share: float) -> str:
    """Blue at −1, white at 0, red at 1."""
    share = min(1.0, max(-1.0, share))
    end = (178, 44, 44) if share > 0 else (44, 92, 170)
    red, green, blue = (round(255 + (channel - 255) * abs(share)) for channel in end)
    return f"#{red:02x}{green:02x}{blue:02x}"


def _line(x1: float, y1: float, x2: float, y2: float, kind: str) -> str:
    return f'<line x1="{x1}" y1="{y1}" x2="{x2}" y2="{y2}" class="{kind}"/>'


def _text(x: float, y: float, text: str, anchor: str) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(text)}</text>'
