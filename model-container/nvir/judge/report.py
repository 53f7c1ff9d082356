"""One self-contained HTML page: figures, pictures and tables of an evaluation. Written from measurements, never by hand."""

from __future__ import annotations

import re
from html import escape
from pathlib import Path

import numpy as np

from ..labels import LabelledSet, domain_of
from . import learning_curve, pitfall_page
from .pictures import Axes, plate_map, png
from .scores import RANGES
from .sessions import Said
from .tables import cell, percent, table

WORST = 12
# Verdicts by how they begin, the worst first.
SEVERITY = ("strong", "signal", "weak", "no loss")
COLOURS = ("#2c5caa", "#b22c2c", "#2e7d4f", "#8a5a00", "#6b3fa0", "#00798c", "#a03f6b", "#555555")
TITLES = {"test": "held-out studies, known microscopes", "unseen": "unseen microscope"}
STYLE = """
body{font:15px/1.5 system-ui,sans-serif;color:#1b1f24;background:#fff;max-width:1120px;margin:2rem auto;padding:0 1.2rem}
h1{font-size:1.6rem;margin-bottom:.2rem}h2{font-size:1.15rem;margin-top:2.2rem;border-bottom:1px solid #d8dee4;padding-bottom:.2rem}
h3{font-size:1rem;margin:1.2rem 0 .3rem}.warn{background:#fff4e0;border-left:4px solid #d98a00;padding:.5rem .8rem}
table{border-collapse:collapse;font-variant-numeric:tabular-nums;font-size:13.5px;margin:.4rem 0 1rem}
th,td{padding:.22rem .6rem;text-align:right;border-bottom:1px solid #e6eaee}th:first-child,td:first-child{text-align:left}th{font-weight:600}td{white-space:nowrap}
.row{display:flex;flex-wrap:wrap;gap:1rem}figure{margin:0}figcaption{font-size:12.5px;color:#57606a;max-width:300px}
svg text{font-size:10.5px;fill:#57606a}.grid{stroke:#eceff2}.frame{fill:none;stroke:#c5ccd3}.well{stroke:#c5ccd3;stroke-width:.7}
.worst img{width:128px;height:128px;border-radius:3px;display:block}.worst figcaption{max-width:128px;font-size:11.5px}
small,.note{color:#57606a}
"""


def write_report(
    path: Path,
    labelled: LabelledSet,
    predicted: dict[str, Said],
    found: dict,
    identity: dict,
    pitfalls: tuple[LabelledSet, Said] | None = None,
) -> None:
    """Writes the page; folders are made. `pitfalls`: the drawn set and what was said of its images."""
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
        pitfall_page.section(found.get("pitfalls"), *(pitfalls or (None, None))),
        "<h2>Where on the plate</h2><p>Residuals by well, less the mean residual at that viability, so that a dose that stands in one place on every "
        "plate does not look like an effect of the place.</p>",
        '<div class="row">' + "".join(_plates(labelled, split, predicted[split]) for split in predicted) + "</div>",
        "<h2>Worst images</h2>" + _worst(labelled, predicted),
        "<h2>What this cannot show</h2>" + _limits(found),
    ]
    head = f'<!doctype html><html lang="en"><meta charset="utf-8"><title>NViR evaluation</title><style>{STYLE}</style>'
    path.write_text(f"{head}<body>{''.join(parts)}</body></html>\n")


def _between(measured: dict, name: str, sign: bool = False) -> str:
    if measured[name] is None:
        return "–"
    form = "+.3f" if sign else ".3f"
    low, high = measured.get("interval95", {}).get(name, (None, None))
    return f"{measured[name]:{form}}" + ("" if low is None else f" ({low:{form}} to {high:{form}})")


def _lead(found: dict) -> str:
    items = []
    for split, of in found["splits"].items():
        best = max((of[name]["r2"] for name in ("classic", "classic_augmented") if of[name]["r2"] is not None), default=None)
        sentences = [
            f"<b>{_capital(TITLES[split])}</b> ({of['n']} images): R² {cell(of[found['judged']]['r2'])}, mean absolute error "
            f"{of[found['judged']]['mae']:.3f}; classic features with boosted trees reach R² {cell(best)}."
        ]
        if "uncertainty" in of:
            covered = of["uncertainty"]["all"]
            sentences.append(
                f"90 % intervals hold {percent(covered['of_labels'])} of the ATP labels, {percent(covered['flagged'])} are flagged."
            )
        sentences.append(_weakest(of))
        if wells := of["verdicts"].get("image_atp", {}).get("wells"):
            sentences.append(f"Image and ATP agree on {percent(wells['agree'])} of treated wells whether half was lost.")
        items.append(f"<li>{' '.join(sentences)}</li>")
    return f"<ul>{''.join(items)}</ul>"


def _weakest(of: dict) -> str:
    """A mean over all wells hides the range that it reads worst, which is where an IC50 is decided."""
    worst = max(of["by_viability"], key=lambda r: r["mae"])
    text = f"Worst where viability is {_range(worst)}: it reads {abs(worst['bias']):.3f} too {'low' if worst['bias'] < 0 else 'high'} on average"
    inside = [c for c in of.get("uncertainty", {}).get("by_viability", []) if c["from"] == worst["from"]]
    return text + (f", and {percent(inside[0]['of_labels'])} of the labels lie inside." if inside else ".")


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _scatter(labelled: LabelledSet, split: str, said: Said) -> str:
    rows = labelled.of_split(split)
    reference, _ = labelled.reference(rows)
    domains = np.array([domain_of(labelled.rows[i]) for i in rows])
    axes = Axes((-0.1, 1.4), (-0.1, 1.4), "reference", "read by NViR", ([0, 0.5, 1], [0, 0.5, 1]))
    axes.line([-0.1, 1.4], [-0.1, 1.4], "#999", dashed=True)
    for colour, name in zip(COLOURS, np.unique(domains), strict=False):
        axes.dots(reference[domains == name], said.viability[domains == name], colour)
    legend = dict(zip(np.unique(domains), COLOURS, strict=False))
    low, high = said.viability.min(), said.viability.max()
    return axes.svg(f"{TITLES[split]}; read from {low:.2f} to {high:.2f}", legend if len(legend) > 1 else None)


def _summary(found: dict) -> str:
    judged = found["judged"]
    known = {judged: f"NViR {judged}", "fp32": "NViR fp32 source", "fp16": "NViR fp16", "mean_of_controls": "mean of controls"}
    known |= {"classic": "classic features", "classic_augmented": "classic features, augmented"}
    measures = ("r2", "mae", "bias", "spearman", "slope")
    tables = "".join(
        table(
            [TITLES[split], "R²", "MAE", "bias", "Spearman", "slope"],
            [[title, *(_between(of[name], k, k == "bias") for k in measures)] for name, title in known.items() if name in of],
        )
        for split, of in found["splits"].items()
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
        tables
        + note
        + "<h3>Variants</h3>"
        + table(["absolute difference", "mean", "99th percentile", "largest"], variants)
        + _alike(found)
        + f'<p class="note">An image’s numbers {said} on its neighbours in a batch (to the bit, batches of 2 to 90, on a CPU).</p>'
    )


def _alike(found: dict) -> str:
    """Whether the variants' intervals and flags are the same too: a reading is as good as its flag."""
    rows = [
        [f"{TITLES[split]}: {name} against {found['judged']}", d["half_width_max"], percent(d["flagged_alike"])]
        for split, of in found["splits"].items()
        for name, d in of.get("variant_outputs", {}).items()
    ]
    return table(["intervals and flags", "half widths apart, largest", "flagged alike"], rows) if rows else ""


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
        inside = (percent(c["of_labels"]), percent(c.get("of_truth")))
        return [name, c["n"], *inside, c["mean_width"], percent(c["flagged"]), c["median_distance"]]

    rows = [row(TITLES[split], u["all"]) for split, u in judged.items()]
    rows += [row(name, c) for u in judged.values() for name, c in u["by_domain"].items()]
    ranges = [row(f"{TITLES[split]}: {_range(c)}", c) for split, u in judged.items() for c in u["by_viability"]]
    odd = [[name, o["n"], percent(o["flagged"]), o["median_distance"], o["median_viability"]] for name, o in found["not_spheroids"].items()]
    plots = []
    for split in judged:
        said, rows_of = predicted[split], labelled.of_split(split)
        away = np.abs(said.viability - labelled.labels[rows_of])
        axes = Axes((0, 1.5), (0, 0.6), "domain distance", "|read − label|", ([0, 0.5, 1, 1.5], [0, 0.2, 0.4, 0.6]))
        plots.append(
            axes.line([1, 1], [0, 0.6], "#b22c2c", True)
            .dots(said.domain_distance, away, COLOURS[0])
            .svg(f"{TITLES[split]}; what lies beyond is on the edge")
        )
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
            shares = [percent(v[k]) for k in ("same_verdict", "same_effect")]
            fold = None if v["median_fold"] is None else f"{v['median_fold']:.2f} ×"
            rows.append([name, v["n"], *shares, fold, percent(v["within_2_fold"]), percent(v["within_3_fold"])])
            w = v["wells"]
            wells.append([name, w["n"], percent(w["agree"]), w["kappa"], w["only_one"], w["only_other"]])
    return (
        "<h2>Verdicts</h2><p>The pipeline’s own analysis (<code>nvir analyse</code>) decides all sides on the same wells, one well a dose; "
        "Cmax is set to 1 µM for every compound, so that MOS is the IC50 in µM. What ATP itself achieves against the truth is the ceiling.</p>"
        + table(["", "curves", "same verdict", "same effect or none", "IC50 apart, median", "within 2 ×", "within 3 ×"], rows)
        + table(["wells that lost half", "treated wells", "agree", "kappa", "lost by the first only", "lost by the second only"], wells)
        + "".join(_which(of["verdicts"]["image_atp"]["table"], TITLES[split]) for split, of in found["splits"].items() if of["verdicts"])
    )


def _which(counts: dict[str, dict[str, int]], title: str) -> str:
    """Which verdicts the image gives for each of ATP's: what differs by one step is another matter than a signal missed."""
    said = sorted({name for row in counts.values() for name in row} | set(counts), key=lambda name: (_severity(name), name))
    rows = [[f"ATP: {name}", *(counts.get(name, {}).get(other, 0) for other in said)] for name in said]
    return table([f"{title}, curves by verdict", *(f"image: {name}" for name in said)], rows)


def _severity(verdict: str) -> int:
    return next((i for i, start in enumerate(SEVERITY) if verdict.startswith(start)), len(SEVERITY))


def _holdout(found: dict) -> str:
    holdout = found.get("holdout")
    if not holdout:
        return "<h2>Domains held out</h2><p>Not measured: <code>python -m nvir holdout</code> makes the trainings.</p>"
    rows = [
        [
            *(name, h["n"], h["with"]["r2"], h["without"]["r2"], _change(h)),
            *(h["with"]["mae"], h["without"]["mae"], percent(h["out_of_domain"]), percent(h.get("coverage_by_others"))),
        ]
        for name, h in holdout["held_out"].items()
    ]
    columns = ["held out", "n", "R² with", "R² without", "change", "MAE with", "MAE without", "flagged", "coverage"]
    plan = holdout["plan"]
    text = (
        f"<p>Small trainings ({plan['plates']} plates each, recipe <code>small</code>, seed {plan['seed']}) with one domain left out, against the same "
        f"with none left out, on images that neither saw; {len(rows)} of {holdout['domains']} domains. Coverage: of intervals whose reach the other "
        "held-out domains set. These models are weaker than the one judged above.</p>"
    )
    return "<h2>Domains held out</h2>" + text + table(columns, rows) + learning_curve.section(holdout["curve"])


def _change(held: dict) -> str:
    without, whole = held["without"]["r2"], held["with"]["r2"]
    return "–" if without is None or whole is None else f"{without - whole:+.3f}"


def _plates(labelled: LabelledSet, split: str, said: Said) -> str:
    rows = labelled.of_split(split)
    reference = labelled.reference(rows)[0]
    residual = _beyond_level(reference, said.viability - reference)
    by_well: dict[tuple[int, int], list[float]] = {}
    for i, value in zip(rows, residual, strict=True):
        if match := re.fullmatch(r"([A-Z])(\d+)", labelled.rows[i]["well"]):
            by_well.setdefault((ord(match[1]) - 65, int(match[2]) - 1), []).append(float(value))
    if not by_well:
        return ""
    means = {well: float(np.mean(values)) for well, values in by_well.items()}
    images = max(len(values) for values in by_well.values())
    return plate_map(means, 0.1, f"{TITLES[split]}: mean of up to {images} images a well; blue reads 0.1 too low, red 0.1 too high")


def _beyond_level(reference: np.ndarray, residual: np.ndarray) -> np.ndarray:
    """Residuals less their mean at that viability: where a dose stands in the same well of every plate, its error is not one of place."""
    left = residual.astype(float)
    for low, high in RANGES:
        inside = (reference >= low) & (reference < high)
        if inside.any():
            left[inside] -= residual[inside].mean()
    return left


def _worst(labelled: LabelledSet, predicted: dict[str, Said]) -> str:
    parts = []
    for split, said in predicted.items():
        rows = labelled.of_split(split)
        reference, name = labelled.reference(rows)
        residual = said.viability - reference
        figures = []
        worst = np.argsort(-np.abs(residual))[:WORST]
        for k in worst:
            row = labelled.rows[rows[k]]
            told = f"read {said.viability[k]:.2f}, {name[:5]} {reference[k]:.2f}"
            half = "" if said.half_width_90 is None else f" ± {said.half_width_90[k]:.2f}"
            flagged = "" if said.domain_distance is None or said.domain_distance[k] <= 1 else ", flagged"
            dose = (
                f"{row['compound']} {float(row['concentration_uM'] or 0):.3g} µM"
                if row["role"] in ("treated", "reference")
                else row["role"]
            )
            where = f"{row['plate']} {row['well']} day {row['day']}"
            picture = f'<img src="{png(labelled.images[rows[k]])}" alt="">'
            figures.append(
                f"<figure>{picture}<figcaption>{escape(told)}{half}{flagged}<br>{escape(where)}<br>{escape(dose)}</figcaption></figure>"
            )
        low = f"{int((residual[worst] < 0).sum())} of these {len(worst)} are read too low, {len(worst) - int((residual[worst] < 0).sum())} too high."
        parts.append(f'<h3>{TITLES[split]}</h3><p>{low}</p><div class="row worst">{"".join(figures)}</div>')
    return "".join(parts)


def _limits(found: dict) -> str:
    simulated = found["simulated"]
    measured = "above, where drawn ones show what a reading then does." if found.get("pitfalls") else "not measured here."
    items = [
        f"ATP loss without a trace in the image cannot be seen; precipitate and coloured compounds can look like death: {measured} No figure here "
        "says how often either happens.",
        "One training, one seed: the spread over seeds was not measured.",
    ]
    if simulated:
        items.append("Nothing here was measured on a real spheroid.")
    return "<ul>" + "".join(f"<li>{item}</li>" for item in items) + "</ul>"
