"""Fits the calibration of a trained model: distance and spread on its own images, reach on domains that nobody trained on."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from .calibration import Calibration, Reach, fit_domain, fit_spread
from .holdout import STATISTICS_IMAGES, holdout_of, outputs
from .labels import LabelledSet, domain_of, plate_of
from .network import NViR

# Below these the 90 % are a hope: wells of a plate share its errors, so that few plates are few trials, however many wells.
ENOUGH_IMAGES, ENOUGH_PLATES = 100, 5


def calibrate(model: NViR, labelled: LabelledSet, holdout: Path, say=print) -> tuple[Calibration, dict]:
    """The calibration of a model and what it rests on, for `model.json`."""
    training = np.sort(np.random.default_rng(0).permutation(labelled.of_split("train"))[:STATISTICS_IMAGES])
    validation = labelled.of_split("validation")
    say(f"calibrating on {len(training)} images of training and {len(validation)} of validation", flush=True)
    _, trained = outputs(model, labelled.images, training, 256)
    viability, known = outputs(model, labelled.images, validation, 256)
    domains = np.array([domain_of(labelled.rows[i]) for i in training])
    spread = fit_spread(viability, labelled.labels[validation])
    reach, shared, rests_on = reach_of(holdout, labelled, say)
    evidence = {
        "coverage": 0.9,
        "of": "ATP labels, measured",
        "trainingImages": len(training),
        "knownImages": len(validation),
        "knownPlates": (plates := len({plate_of(labelled.rows[i]) for i in validation})),
        **small_set(len(validation), plates),
        "spreadAtKnots": [round(float(x), 4) for x in spread.at_knots],
        "scale": reach.scale,
        "growth": reach.growth,
        **rests_on,
    }
    return Calibration(fit_domain(trained, domains, known), spread, reach, shared), evidence


def small_set(images: int, plates: int) -> dict:
    """Says so where the intervals rest on too little; nothing otherwise."""
    if images >= ENOUGH_IMAGES and plates >= ENOUGH_PLATES:
        return {}
    return {
        "caution": f"intervals rest on {images} images of {plates} plates: wells of a plate share its errors, so they may cover less than "
        f"90 %; label {ENOUGH_IMAGES} images of {ENOUGH_PLATES} plates or more for validation"
    }


def reach_of(holdout: Path, labelled: LabelledSet, say=print) -> tuple[Reach, np.ndarray | None, dict]:
    """From the held-out domains' evidence: reach, the share of half widths at `KNOTS` (5,) that a domain shares, and what they rest on.

    Without it intervals are those of known domains, and say so; of the share nothing is known then, and none is told: that of
    domains trained on would understate it.
    """
    found = holdout_of(holdout, labelled)
    if found is None:
        if holdout.exists():
            say(f"{holdout} was made of another labelled set: not used", flush=True)
        remedy = "run `python -m nvir holdout` for intervals that reach further"
        return Reach(1.0, 0.0), None, {"reachRestsOn": f"known domains only: {remedy}"}
    text = (
        f"{len(found['held_out'])} of {found['domains']} domains, each held out of a small training of its own; transferred to this model"
    )
    shared = found.get("shared")
    told = {} if shared is None else {"sharedAtKnots": shared["at_knots"], "sharedDomains": shared["domains"]}
    return Reach(**found["reach"]), np.array(shared["at_knots"]) if shared else None, {"reachRestsOn": text, **told}
