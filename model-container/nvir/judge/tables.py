"""Tables of the report, and how figures are written in them."""

from __future__ import annotations

from html import escape


def table(columns: list[str], rows: list[list]) -> str:
    """A table; the first column is text."""
    head = "".join(f"<th>{escape(column)}</th>" for column in columns)
    body = "".join("<tr>" + "".join(f"<td>{escape(cell(value))}</td>" for value in row) + "</tr>" for row in rows)
    return f"<table><tr>{head}</tr>{body}</table>"


def cell(value: object) -> str:
    """Three digits of a number, a dash for none."""
    if value is None:
        return "–"
    return f"{value:.3f}" if isinstance(value, float) else str(value)


def percent(value: float | None) -> str:
    """One digit behind the point; a dash for none."""
    return "–" if value is None else f"{100 * value:.1f} %"


def signed(value: float | None) -> str:
    """A difference, which has a sign; a dash for none."""
    return "–" if value is None else f"{value:+.3f}"
