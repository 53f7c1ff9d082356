"""What an image model cannot see or mistakes, where it is known to be: against ATP's truth, and against the same well without it.

The set is `simulation/pitfall-set.ts`'s: living wells, each as it is and with every pitfall at several strengths.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from ..labels import LabelledSet, domain_of, load
from .sessions import Said

COLUMNS = ("phenomenon", "strength", "drawn", "matched", "background", "flags", "background_suspected")
# A well is called lost below this share of its control, by image and by truth alike.
LOST = 0.5


def load_pitfalls(folder: Path) -> LabelledSet:
    """The set in a folder, after a check that each row names the well it is to be compared with."""
    found = load(folder)
    if missing := [name for name in COLUMNS if name not in found.rows[0]]:
        raise SystemExit(f"{folder}/index.csv has no column {missing[0]}: it is no set of pitfalls; simulation/pitfall-set.ts draws one")
    for row in found.rows:
        if not row["matched"].isdigit() or int(row["matched"]) >= len(found.rows) or found.rows[int(row["matched"])]["phenomenon"]:
            raise SystemExit(f"{folder}/index.csv: row {row['row']} names no well without a pitfall as its match: draw the set again")
    if np.isnan(found.truth).any():
        raise SystemExit(f"{folder}/index.csv: rows without viability_true; pitfalls are judged by what was drawn: draw the set again")
    return found


def measure(pitfalls: LabelledSet, said: Said, trained_on: set[str]) -> dict:
    """Figures of each pitfall and strength, on microscopes trained on (by `domain_of`) and on others; and of the wells as they are."""
    rows = pitfalls.rows
    names = np.array([row["phenomenon"] for row in rows])
    strengths = np.array([float(row["strength"]) for row in rows])
    known = np.array([domain_of(row) in trained_on for row in rows])
    where = {name: part for name, part in (("known", known), ("unseen", ~known)) if part.any()}

    def of(part: np.ndarray) -> dict:
        return {name: _of_part(pitfalls, said, np.flatnonzero(part & place)) for name, place in where.items()}

    kinds = {}
    for name in dict.fromkeys(names[names != ""]):
        kinds[name] = {
            # Of pictures that are the same there is nothing to learn: what follows is no failing of a model.
            "same_pictures": bool(all(_same_picture(pitfalls, int(i)) for i in np.flatnonzero(names == name))),
            "steps": [
                {"strength": float(s), "drawn": rows[np.flatnonzero((names == name) & (strengths == s))[0]]["drawn"]}
                | of((names == name) & (strengths == s))
                for s in np.unique(strengths[names == name])
            ],
        }
    return {"data": pitfalls.digest, "images": len(rows), "wells": int((names == "").sum()), "as_they_are": of(names == ""), "kinds": kinds}


def _same_picture(pitfalls: LabelledSet, i: int) -> bool:
    return bool(np.array_equal(pitfalls.images[i], pitfalls.images[int(pitfalls.rows[i]["matched"])]))


def _of_part(pitfalls: LabelledSet, said: Said, part: np.ndarray) -> dict:
    rows = [pitfalls.rows[i] for i in part]
    matched = np.array([int(row["matched"]) for row in rows])
    read, truth = said.viability[part], pitfalls.truth[part]
    change = read - said.viability[matched]
    background = np.array([float(row["background"]) / float(pitfalls.rows[m]["background"]) for row, m in zip(rows, matched, strict=True)])
    new_flags = [set(row["flags"].split()) - set(pitfalls.rows[m]["flags"].split()) for row, m in zip(rows, matched, strict=True)]
    found = {
        "n": int(len(part)),
        "bias": float((read - truth).mean()),
        "mae": float(np.abs(read - truth).mean()),
        "change": float(change.mean()),
        "largest_change": float(change[np.argmax(np.abs(change))]),
        "wrong_side": float(((read < LOST) != (truth < LOST)).mean()),
        "background": float(np.median(background) - 1),
        "background_suspected": float(np.mean([row["background_suspected"] == "yes" for row in rows])),
        "flagged_by_imaging": float(np.mean([bool(flags) for flags in new_flags])),
    }
    if said.half_width_90 is not None:
        found["of_labels"] = float((np.abs(pitfalls.labels[part] - read) <= said.half_width_90[part]).mean())
    if said.domain_distance is not None:
        found["flagged"] = float((said.domain_distance[part] > 1).mean())
    return found
