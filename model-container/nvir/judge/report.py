"""One self-contained HTML page: figures, pictures and tables of an evaluation. Written from measurements, never by hand."""

from __future__ import annotations

import re
from html import escape
from pathlib import Path

import numpy as np

from ..labels import LabelledSet, domain_of
from .pictures import Axes, plate_map, png
from .scores import RANGES
from .sessions import Said

WORST = 12
COLOURS = ("#2c5caa", "#b22c2c", "#2e7d4f", "#8a5a00", "#6b3fa0", "#00798c", "#a03f6b", "#555555")
TITLES = {"test": "held-out studies, known microscopes", "unseen": "unseen microscope"}
STYLE = """
body{font:15px/1.5 system-ui,sans-serif;color:#1b1f24;background:#fff;max-width:1060px;margin:2rem auto;padding:0 1.2rem}
h1{font-size:1.6rem;margin-bottom:.2rem}h2{font-size:1.15rem;margin-top:2.2rem;border-bottom:1px solid #d8dee4;padding-bottom:.2rem}
h3{font-size:1rem;margin:1.2rem 0 .3rem}.warn{background:#fff4e0;border-left:4px solid #d98a00;padding:.5rem .8rem}
table{border-collapse:collapse;font-variant-numeric:tabular-nums;font-size:13.5px;margin:.4rem 0 1rem}
th,td{padding:.22rem .6rem;text-align:right;border-bottom:1px solid #e6eaee}th:first-child,td:first-child{text-align:left}th{font-weight:600}
.row{display:flex;flex-wrap:wrap;gap:1rem}figure{margin:0}figcaption{font-size:12.5px;color:#57606a;max-width:300px}
svg text{font-size:10.5px;fill:#57606a}.grid{stroke:#eceff2}.frame{fill:none;stroke:#c5ccd3}.well{stroke:#c5ccd3;stroke-width:.7}
.worst img{width:128px;height:128px;border-radius:3px;display:block}.worst figcaption{max-width:128px;font-size:11.5px}
small,.note{color:#57606a}
"""


def write_report(path: Path, labelled: LabelledSet, predicted: dict[str, Said], found: dict, identity: dict) -> None:
    """Writes the page; folders are made."""
    path.parent.mkdir(parents=True, exist_ok=True)
    simulated = found["simulated"]
    parts = [
        f"<h1>NViR {escape(identity['version'])}: how well it reads</h1>",
        f'<p class="note">Source state {identity["sha256"][:16]}…, variant {found["judged"]}, trained on {escape(identity["trainedOn"])}.</p>',
        *(['<p class="warn">Simulated spheroids: not for decisions about real drugs.</p>'] if simulated else []),
        _lead(found),
        "<h2>Predicted against " + ("true viability" if found["judged_by"] == "truth" else "ATP labels") + "</h2>",
        '<div class="row">' + "".join(_scatter(labelled, split, predicted[split]) for split in predicted) + "</div>",
        _summary(found),
        *(_groups(found, split) for split in predicted),
        _uncertainty(labelled, predicted, found),
        _verdicts(found),
        _holdout(found),
        "<h2>Where on the plate</h2>",
        '<div class="row">' + "".join(_plates(labelled, split, predicted[split]) for split in predicted) + "</div>",
        "<h2>Worst images</h2>" + _worst(labelled, predicted),
        "<h2>What this cannot show</h2>" + _limits(found),
    ]
    head = f'<!doctype html><html lang="en"><meta charset="utf-8"><title>NViR evaluation</title><style>{STYLE}</style>'
    path.write_text(f"{head}<body>{''.join(parts)}</body></html>\n")


def table(columns: list[str], rows: list[list]) -> str:
    """A table; the first column is text."""
    head = "".join(f"<th>{escape(column)}</th>" for column in columns)
    body = "".join("<tr>" + "".join(f"<td>{escape(_cell(value))}</td>" for value in row) + "</tr>" for row in rows)
    return f"<table><tr>{head}</tr>{body}</table>"


def _cell(value: object) -> str:
    if value is None:
        return "–"
    return f"{value:.3f}" if isinstance(value, float) else str(value)


def _percent(value: float | None) -> str:
    return "–" if value is None else f"{100 * value:.1f} %"


def _between(measured: dict, name: str, sign: bool = False) -> str:
    if measured[name] is None:
        return "–"
    form = "+.3f" if sign else ".3f"
    low, high = measured.get("interval95", {}).get(name, (None, None))
    return f"{measured[name]:{form}}" + ("" if low is None else f" ({low:{form}} to {high:{form}})")


def _lead(found: dict) -> str:
    sentences = []
    for split, of in found["splits"].items():
        best = max((of[name]["r2"] for name in ("classic", "classic_augmented") if of[name]["r2"] is not None), default=None)
        sentences.append(
            f"<b>{TITLES[split]}</b> ({of['n']} images): R² {_cell(of[found['judged']]['r2'])}, mean absolute error "
            f"{of[found['judged']]['mae']:.3f}; classic features with boosted trees reach R² {_cell(best)}."
        )
        if "uncertainty" in of:
            covered = of["uncertainty"]["all"]
            sentences.append(
                f"90 % intervals hold {_percent(covered['of_labels'])} of the ATP labels, {_percent(covered['flagged'])} are flagged."
            )
    return f"<p>{' '.join(sentences)}</p>"


def _scatter(labelled: LabelledSet, split: str, said: Said) -> str:
    rows = labelled.of_split(split)
    reference, _ = labelled.reference(rows)
    domains = np.array([domain_of(labelled.rows[i]) for i in rows])
    axes = Axes((-0.1, 1.4), (-0.1, 1.4), "reference", "read by NViR", ([0, 0.5, 1], [0, 0.5, 1]))
    axes.line([-0.1, 1.4], [-0.1, 1.4], "#999", dashed=True)
    for colour, name in zip(COLOURS, np.unique(domains), strict=False):
        axes.dots(reference[domains == name], said.viability[domains == name], colour)
    legend = dict(zip(np.unique(domains), COLOURS, strict=False))
    return axes.svg(TITLES[split], legend if len(legend) > 1 else None)


def _summary(found: dict) -> str:
    judged = found["judged"]
    rows = []
    for split, of in found["splits"].items():
        known = {judged: "NViR " + judged, "fp32": "NViR fp32 source", "fp16": "NViR fp16", "mean_of_controls": "mean of controls"}
        known |= {"classic": "classic features", "classic_augmented": "classic features, augmented"}
        for name, title in known.items():
            if name in of:
                m = of[name]
                rows.append(
                    [f"{TITLES[split]}: {title}", *(_between(m, k, k == "bias") for k in ("r2", "mae", "bias", "spearman", "slope"))]
                )
    note = (
        '<p class="note">In brackets: 95 % intervals over resampled plates. Slope: of the reference over what is read, 1 = calibrated.</p>'
    )
    variants = [
        [f"{TITLES[split]}: {name} against fp32", *(f"{d[k]:.4f}" for k in ("mean", "p99", "max"))]
        for split, of in found["splits"].items()
        for name, d in of["variants"].items()
    ]
    said = "do not depend" if found["batch_independent"] else "DEPEND"
    return (
        table(["", "R²", "MAE", "bias", "Spearman", "slope"], rows)
        + note
        + "<h3>Variants</h3>"
        + table(["absolute difference", "mean", "99th percentile", "largest"], variants)
        + f'<p class="note">An image’s numbers {said} on its neighbours in a batch (to the bit, batches of 2 to 90, on a CPU).</p>'
    )


def _groups(found: dict, split: str) -> str:
    of = found["splits"][split]
    columns = ["", "n", "plates", "R²", "MAE", "bias", "slope"]
    parts = [f"<h2>By group: {TITLES[split]}</h2>"]
    for name, title in (("by_domain", "location + microscope"), ("by_study", "study"), ("by_day", "day")):
        rows = [
            [group, m["n"], m["plates"], _between(m, "r2"), _between(m, "mae"), _between(m, "bias", True), m["slope"]]
            for group, m in of[name].items()
        ]
        parts.append(table([title, *columns[1:]], rows))
    rows = [[_range(r), r["n"], r["mae"], f"{r['bias']:+.3f}"] for r in of["by_viability"]]
    return "".join(parts) + table(["viability", "n", "MAE", "bias"], rows)


def _range(r: dict) -> str:
    low, high = r["from"], r["to"]
    if low <= RANGES[0][0]:
        return f"below {high:g}"
    return f"{low:g} and more" if high >= RANGES[-1][1] else f"{low:g} to {high:g}"


def _uncertainty(labelled: LabelledSet, predicted: dict[str, Said], found: dict) -> str:
    judged = {split: of["uncertainty"] for split, of in found["splits"].items() if "uncertainty" in of}
    if not judged:
        return "<h2>Uncertainty</h2><p>This model carries no intervals: it was not calibrated.</p>"
    columns = ["", "n", "ATP labels inside", "truth inside", "mean width", "flagged", "median distance"]

    def row(name: str, c: dict) -> list:
        inside = (_percent(c["of_labels"]), _percent(c.get("of_truth")))
        return [name, c["n"], *inside, c["mean_width"], _percent(c["flagged"]), c["median_distance"]]

    rows = [row(TITLES[split], u["all"]) for split, u in judged.items()]
    rows += [row(name, c) for u in judged.values() for name, c in u["by_domain"].items()]
    ranges = [row(f"{TITLES[split]}: {_range(c)}", c) for split, u in judged.items() for c in u["by_viability"]]
    odd = [
        [name, o["n"], _percent(o["flagged"]), o["median_distance"], o["median_viability"]] for name, o in found["not_spheroids"].items()
    ]
    plots = []
    for split in judged:
        said, rows_of = predicted[split], labelled.of_split(split)
        away = np.abs(said.viability - labelled.labels[rows_of])
        axes = Axes((0, 1.5), (0, 0.6), "domain distance", "|read − label|", ([0, 0.5, 1, 1.5], [0, 0.2, 0.4, 0.6]))
        plots.append(axes.line([1, 1], [0, 0.6], "#b22c2c", True).dots(said.domain_distance, away, COLOURS[0]).svg(TITLES[split]))
    return (
        "<h2>Uncertainty and domain</h2><p>Every image carries a 90 % interval and a distance to the training images; "
        "beyond 1, the 99th percentile of known images, it is flagged.</p>"
        + table(columns, rows)
        + table(["by viability", *columns[1:]], ranges)
        + f'<div class="row">{"".join(plots)}</div><h3>Pictures that are no spheroid</h3>'
        + table(["", "n", "flagged", "median distance", "median viability read"], odd)
    )


def _verdicts(found: dict) -> str:
    rows, wells = [], []
    names = {"image_atp": "image against ATP", "image_truth": "image against truth", "atp_truth": "ATP against truth"}
    for split, of in found["splits"].items():
        for key, v in of["verdicts"].items():
            name = f"{TITLES[split]}: {names[key]}"
            shares = [_percent(v[k]) for k in ("same_verdict", "same_effect")]
            fold = None if v["median_fold"] is None else f"{v['median_fold']:.2f} ×"
            rows.append([name, v["n"], *shares, fold, _percent(v["within_2_fold"]), _percent(v["within_3_fold"])])
            w = v["wells"]
            wells.append([name, w["n"], _percent(w["agree"]), w["kappa"], w["only_one"], w["only_other"]])
    return (
        "<h2>Verdicts</h2><p>The pipeline’s own analysis (<code>nvir analyse</code>) decides all sides on the same wells, one well a dose; "
        "Cmax is set to 1 µM for every compound, so that MOS is the IC50 in µM. What ATP itself achieves against the truth is the ceiling.</p>"
        + table(["", "curves", "same verdict", "same effect or none", "IC50 apart, median", "within 2 ×", "within 3 ×"], rows)
        + table(["wells that lost half", "treated wells", "agree", "kappa", "only the first", "only the second"], wells)
    )


def _holdout(found: dict) -> str:
    holdout = found.get("holdout")
    if not holdout:
        return "<h2>Domains held out</h2><p>Not measured: <code>python -m nvir holdout</code> makes the trainings.</p>"
    rows = [
        [
            *(name, h["n"], h["with"]["r2"], h["without"]["r2"], _change(h)),
            *(h["with"]["mae"], h["without"]["mae"], _percent(h["out_of_domain"]), _percent(h.get("coverage_by_others"))),
        ]
        for name, h in holdout["held_out"].items()
    ]
    columns = ["held out", "n", "R² with", "R² without", "change", "MAE with", "MAE without", "flagged", "coverage"]
    curve = [[f"{c['plates']} plates", *(c[split][k] for split in TITLES if split in c for k in ("r2", "mae"))] for c in holdout["curve"]]
    plan = holdout["plan"]
    text = (
        f"<p>Small trainings ({plan['plates']} plates each, recipe <code>small</code>, seed {plan['seed']}) with one domain left out, against the same "
        f"with none left out, on images that neither saw; {len(rows)} of {holdout['domains']} domains. Coverage: of intervals whose reach the other "
        "held-out domains set. These models are weaker than the one judged above.</p>"
    )
    learning = (
        "<h3>Learning curve of the small training</h3>" + table(["", "R² test", "MAE", "R² unseen", "MAE"], curve) if len(curve) > 1 else ""
    )
    missing = "" if len(curve) > 1 else '<p class="note">Learning curve by labelled plates: not measured.</p>'
    return "<h2>Domains held out</h2>" + text + table(columns, rows) + learning + missing


def _change(held: dict) -> str:
    without, whole = held["without"]["r2"], held["with"]["r2"]
    return "–" if without is None or whole is None else f"{without - whole:+.3f}"


def _plates(labelled: LabelledSet, split: str, said: Said) -> str:
    rows = labelled.of_split(split)
    residual = said.viability - labelled.reference(rows)[0]
    by_well: dict[tuple[int, int], list[float]] = {}
    for i, value in zip(rows, residual, strict=True):
        if match := re.fullmatch(r"([A-Z])(\d+)", labelled.rows[i]["well"]):
            by_well.setdefault((ord(match[1]) - 65, int(match[2]) - 1), []).append(float(value))
    if not by_well:
        return ""
    means = {well: float(np.mean(values)) for well, values in by_well.items()}
    return plate_map(means, 0.1, f"{TITLES[split]}: mean residual by well, blue reads 0.1 too low, red 0.1 too high")


def _worst(labelled: LabelledSet, predicted: dict[str, Said]) -> str:
    parts = []
    for split, said in predicted.items():
        rows = labelled.of_split(split)
        reference, name = labelled.reference(rows)
        residual = said.viability - reference
        figures = []
        for k in np.argsort(-np.abs(residual))[:WORST]:
            row = labelled.rows[rows[k]]
            told = f"read {said.viability[k]:.2f}, {name[:5]} {reference[k]:.2f}"
            half = "" if said.half_width_90 is None else f" ± {said.half_width_90[k]:.2f}"
            where = f"{row['plate']} {row['well']} day {row['day']}"
            picture = f'<img src="{png(labelled.images[rows[k]])}" alt="">'
            figures.append(f"<figure>{picture}<figcaption>{escape(told)}{half}<br>{escape(where)}</figcaption></figure>")
        parts.append(f'<h3>{TITLES[split]}</h3><div class="row worst">{"".join(figures)}</div>')
    return "".join(parts)


def _limits(found: dict) -> str:
    simulated = found["simulated"]
    items = [
        "ATP loss without a trace in the image cannot be seen; precipitate and coloured compounds can look like death. "
        + (
            "The simulation draws none of the three, so no figure here says how often that happens."
            if simulated
            else "No figure here says how often."
        ),
        "One training, one seed: the spread over seeds was not measured.",
    ]
    if simulated:
        items.append("Nothing here was measured on a real spheroid.")
    return "<ul>" + "".join(f"<li>{item}</li>" for item in items) + "</ul>"
