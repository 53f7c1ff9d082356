"""Pitfalls as people read them: a part of the report, and one of the model card."""

from __future__ import annotations

from html import escape

import numpy as np

from ..labels import LabelledSet, domain_of
from .pictures import png
from .sessions import Said
from .tables import percent, signed, table

PLACES = {"known": "known microscopes", "unseen": "the unseen microscope"}
# What each is, in a sentence; a set may hold others, which then go by their name.
KINDS = {
    "precipitate-needles": ("Precipitate: needles", "Compound out of solution as sheaves of needles, over and around a living spheroid."),
    "precipitate-crystals": ("Precipitate: crystals", "Refracting plates over and around a living spheroid."),
    "precipitate-amorphous": ("Precipitate: amorphous", "Dark specks in clumps over and around a living spheroid."),
    "coloured-medium": ("Coloured medium", "Dissolved, it takes light from the whole field at a fixed exposure; the spheroid lives."),
    "coloured-cells": ("Coloured cells", "A coloured compound that living cells take up: the spheroid is darker, the field is not."),
    "loss-without-trace": (
        "ATP lost without a trace",
        "ATP falls before cells look any different, as early under an inhibitor of respiration.",
    ),
}
# A mean change that nobody would notice among wells that vary by 10 %.
SMALL = 0.05


def title_of(name: str) -> str:
    """A pitfall's name for people."""
    return KINDS.get(name, (name, ""))[0]


def sentence(kind: dict) -> str:
    """What the figures of a pitfall say, in words."""
    places = [place for place in PLACES if place in kind["steps"][0]]
    top = kind["steps"][-1]
    if kind["same_pictures"]:
        return (
            "The pictures are the same to the bit with the loss and without: the reading cannot change, whatever the model, and the bias is "
            "the loss itself. No flag and no interval tells of it. This is what images do not hold, not a failing of this model; ATP or another "
            "assay shows it."
        )
    small = [step for step in kind["steps"] if all(abs(step[place]["change"]) < SMALL for place in places)]
    parts = [f"Up to {small[-1]['drawn']} the reading changes by less than {SMALL:g} on average." if small else ""]
    changes = " and ".join(f"by {signed(top[place]['change'])} on {PLACES[place]}" for place in places)
    flagged = " and ".join(percent(top[place].get("flagged")) for place in places)
    parts.append(f"At {top['drawn']} it changes {changes}; {flagged} of these images are flagged as out of domain.")
    unflagged = [
        step
        for step in kind["steps"][:-1]
        if any(abs(step[place]["change"]) >= SMALL for place in places) and all(step[place].get("flagged", 0) < 0.5 for place in places)
    ]
    if unflagged:
        parts.append(f"At {unflagged[-1]['drawn']} it is off and most images carry no flag.")
    suspected = [step for step in kind["steps"] if any(step[place]["background_suspected"] >= 0.5 for place in places)]
    parts.append(
        f"Plate quality suspects it by the background from {suspected[0]['drawn']} on."
        if suspected
        else "Plate quality, which looks at the background, does not see it."
    )
    return " ".join(part for part in parts if part)


def section(found: dict | None, pitfalls: LabelledSet | None, said: Said | None) -> str:
    """The report's part, with pictures of one well for each pitfall."""
    head = "<h2>What an image cannot see, or mistakes</h2>"
    if not found or pitfalls is None or said is None:
        return head + "<p>Not measured: <code>python -m nvir evaluate --pitfalls DIR</code> judges by a drawn set.</p>"
    plain = found["as_they_are"]
    intro = (
        f"<p>{found['wells']} drawn living spheroids, each as it is and with every pitfall at several strengths ({found['images']} images), "
        "none trained on. <b>Change</b> is of the reading against the same well without the pitfall; bias and MAE are against the true ATP; "
        "<b>half, wrongly</b> is the share read on the other side of half of the control than the truth. How often a screen has any of it, no "
        "simulation can say.</p>"
    )
    columns = [
        "",
        "microscope",
        "n",
        "bias",
        "MAE",
        "change",
        "half, wrongly",
        "flagged",
        "labels inside",
        "background",
        "suspected",
        "image flags",
    ]
    parts = [head, intro, table(columns, [_row("as they are", place, of) for place, of in plain.items()])]
    for name, kind in found["kinds"].items():
        rows = [_row(step["drawn"], place, step[place]) for step in kind["steps"] for place in PLACES if place in step]
        explained = escape(KINDS.get(name, ("", ""))[1])
        parts.append(
            f"<h3>{escape(title_of(name))}</h3><p>{explained} {escape(sentence(kind))}</p>{_strip(name, pitfalls, said)}{table(columns, rows)}"
        )
    parts.append(
        '<p class="note">Labels rest on the few untreated wells of each small plate: compare what lies inside with the wells as they are. Flagged: out of the model’s domain. Background: median gray against the same well without. Suspected: by plate quality’s look '
        "at the background over the doses of a plate. Image flags: of imaging, that the same well without does not have.</p>"
    )
    return "".join(parts)


def _row(name: str, place: str, of: dict) -> list:
    shares = (percent(of.get("flagged")), percent(of.get("of_labels")))
    seen = (f"{100 * of['background']:+.0f} %", percent(of["background_suspected"]), percent(of["flagged_by_imaging"]))
    return [name, place, of["n"], signed(of["bias"]), of["mae"], signed(of["change"]), percent(of["wrong_side"]), *shares, *seen]


def _strip(name: str, pitfalls: LabelledSet, said: Said) -> str:
    """One well as it is and with rising strength: the one whose reading changes by the median at the strongest."""
    rows = np.array([i for i, row in enumerate(pitfalls.rows) if row["phenomenon"] == name])
    strengths = np.array([float(pitfalls.rows[i]["strength"]) for i in rows])
    top = rows[strengths == strengths.max()]
    matched = np.array([int(pitfalls.rows[i]["matched"]) for i in top])
    change = said.viability[top] - said.viability[matched]
    well = matched[np.argsort(change)[len(change) // 2]]
    shown = [
        well,
        *sorted((i for i in rows if int(pitfalls.rows[i]["matched"]) == well), key=lambda i: float(pitfalls.rows[i]["strength"])),
    ]
    figures = []
    for i in shown:
        half = "" if said.half_width_90 is None else f" ± {said.half_width_90[i]:.2f}"
        flag = "" if said.domain_distance is None or said.domain_distance[i] <= 1 else ", flagged"
        drawn = pitfalls.rows[i]["drawn"] or f"as it is ({domain_of(pitfalls.rows[i])})"
        told = f"{escape(drawn)}<br>read {said.viability[i]:.2f}{half}{flag}<br>true {pitfalls.truth[i]:.2f}"
        figures.append(f'<figure><img src="{png(pitfalls.images[i])}" alt=""><figcaption>{told}</figcaption></figure>')
    return f'<div class="row worst">{"".join(figures)}</div>'


def card_lines(found: dict | None) -> list[str]:
    """The model card's part."""
    lines = ["", "## What an image cannot see, or mistakes", ""]
    if not found:
        return [*lines, "Not measured: `python -m nvir evaluate --pitfalls DIR` judges by a drawn set."]
    places = list(found["as_they_are"])
    lines += [
        f"{found['wells']} drawn living spheroids, each as it is and with every pitfall ({found['images']} images), none trained on; known microscopes / unseen one.",
        "Change: of the reading against the same well without. Half, wrongly: read on the other side of half of the control than the truth.",
        "",
    ]
    lines += [f"- **{title_of(name)}.** {sentence(kind)}" for name, kind in found["kinds"].items()]
    lines += [
        "",
        "| pitfall | drawn | n | bias | MAE | change | half, wrongly | flagged | labels inside | background suspected |",
        "| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
        _card_row("none", "", found["as_they_are"], places),
    ]
    lines += [_card_row(title_of(name), step["drawn"], step, places) for name, kind in found["kinds"].items() for step in kind["steps"]]
    return lines


def _card_row(title: str, drawn: str, step: dict, places: list[str]) -> str:
    def each(name: str, form) -> str:
        return " / ".join(form(step[place].get(name)) for place in places)

    figures = [each("n", str), each("bias", signed), each("mae", lambda x: f"{x:.3f}"), each("change", signed)]
    shares = [
        each(name, lambda x: "–" if x is None else f"{x:.0%}") for name in ("wrong_side", "flagged", "of_labels", "background_suspected")
    ]
    return f"| {' | '.join([title, drawn, *figures, *shares])} |"
