"""How much more labelled plates bring: the held-out evidence's small trainings by their number of plates."""

from __future__ import annotations

from itertools import pairwise

from .pictures import Axes
from .tables import cell, table

SPLITS = {"test": ("held-out studies, known microscopes", "#2c5caa"), "unseen": ("the unseen microscope", "#b22c2c")}
# A picture's span of MAE and R²; what lies outside is drawn on the edge, as elsewhere.
MOST_MAE, LEAST_R2 = 0.3, 0.5
HOW = "Small trainings, nothing held out, one seed; each sees as many images in all, from more plates or fewer."
NOT_MEASURED = "A learning curve by labelled plates was not measured."


def said(curve: list[dict]) -> str:
    """What the curve says in words, for each set with two points: and that it says nothing where its steps go both ways by as much."""
    sentences = []
    for split, (title, _) in SPLITS.items():
        points = [(point["plates"], point[split]["mae"]) for point in curve if split in point]
        if len(points) < 2:
            continue
        gain = points[0][1] - points[-1][1]
        back = max(after[1] - before[1] for before, after in pairwise(points))
        trend = (
            f"steps go back by up to {back:.3f}, so one seed shows no gain by plates at this length of training"
            if back >= gain
            else f"a gain of {gain:.3f}"
        )
        ends = f"{points[0][1]:.3f} with {points[0][0]} plates and {points[-1][1]:.3f} with {points[-1][0]}"
        sentences.append(f"On {title} the mean absolute error is {ends}: {trend}.")
    return " ".join(sentences)


def section(curve: list[dict]) -> str:
    """The report's part: two pictures and a table; a note where there are fewer than two points."""
    if len(curve) < 2:
        return f'<p class="note">{NOT_MEASURED}</p>'
    plates = [point["plates"] for point in curve]
    span = (plates[0] / 1.25, plates[-1] * 1.25)
    mae = Axes(span, (0, MOST_MAE), "labelled plates (log)", "mean absolute error", (plates, [0, 0.1, 0.2, 0.3]), log_x=True)
    r2 = Axes(span, (LEAST_R2, 1), "labelled plates (log)", "R²", (plates, [0.5, 0.6, 0.7, 0.8, 0.9, 1]), log_x=True)
    for split, (_, colour) in SPLITS.items():
        points = [point for point in curve if split in point]
        for axes, name in ((mae, "mae"), (r2, "r2")):
            known = [(point["plates"], point[split][name]) for point in points if point[split][name] is not None]
            if known:
                axes.line(*zip(*known, strict=True), colour).dots(*zip(*known, strict=True), colour, 3)
    legend = {title: colour for split, (title, colour) in SPLITS.items() if any(split in point for point in curve)}
    rows = [
        [
            f"{point['plates']} plates",
            *(cell(point[split][k]) if split in point else "–" for split in SPLITS for k in ("r2", "mae", "bias")),
        ]
        for point in curve
    ]
    columns = ["", *(f"{name}, {where}" for where in ("known", "unseen") for name in ("R²", "MAE", "bias"))]
    return (
        f"<h3>Learning curve by labelled plates</h3><p>{HOW} More plates always hold the fewer. {said(curve)}</p>"
        f'<div class="row">{mae.svg("error by labelled plates", legend)}{r2.svg("R² by labelled plates", legend)}</div>'
        + table(columns, rows)
    )


def card_lines(curve: list[dict]) -> list[str]:
    """The model card's part."""
    if len(curve) < 2:
        return ["", NOT_MEASURED]
    lines = [
        "",
        "### Learning curve by labelled plates",
        "",
        f"{HOW} {said(curve)}",
        "",
        "| plates | R² known | MAE known | R² unseen | MAE unseen |",
        "| ---: | ---: | ---: | ---: | ---: |",
    ]
    return lines + [
        f"| {point['plates']} | {' | '.join(cell(point[split][k]) if split in point else '–' for split in SPLITS for k in ('r2', 'mae'))} |"
        for point in curve
    ]
