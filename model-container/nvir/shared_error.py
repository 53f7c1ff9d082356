"""How much of a half width all images of a domain share: an error of the model there, which no number of wells averages out.

What counts is the error that is left once wells are divided by the controls of their plate, as the product divides them: a domain that
reads everything a tenth too low shares nothing. It is taken by the label, not by the prediction: wells of one dose have one
viability, and what their mean reads differs from it by the domain's error there. As with the reach, not the error itself is
transferred to a model but its share of the half width, for the small trainings of `holdout.py` are weaker than what is served.

Scale: the error is one of viability relative to the controls (1 = their mean), the half width that it is divided by is the raw one,
of the model's own output. Where controls read 1 the two scales are one. Labels being relative to untreated wells, controls should
read about 1; what those of the held-out domains read is not recorded. The product takes share × raw half width for a part of the
half width, in its unit, and divides it by all that the viability is divided by, the level of the plate read's vehicle wells among
it: the errors of a reading grow with what it is divided by, and a plate whose vehicle wells read low would else be given too small
an error. It is off by as much as the controls of the held-out domains differed from 1. Controls here are the untreated and vehicle
wells of a whole domain, together.
"""

from __future__ import annotations

import numpy as np
from scipy.stats import t as student

from .calibration import COVERAGE, KNOTS

# Each image speaks for the knot next to it.
WINDOW = (KNOTS[1] - KNOTS[0]) / 2
# Fewer images near a knot, or control wells of a domain, say nothing of it.
MINIMUM_IMAGES, MINIMUM_CONTROLS = 10, 5


def share_of_domain(viability: np.ndarray, labels: np.ndarray, half_width: np.ndarray, controls: np.ndarray) -> np.ndarray:
    """Mean error relative to the controls over mean raw half width at `KNOTS` of the label (5,), signed; NaN where too little of a
    domain was judged.

    Of one domain: predictions, labels and half widths (N,), and which images are of control wells (N,) bool.
    """
    if controls.sum() < MINIMUM_CONTROLS:
        return np.full(len(KNOTS), np.nan)
    error = viability / viability[controls].mean() - labels / labels[controls].mean()
    near = [np.abs(np.clip(labels, KNOTS[0], KNOTS[-1]) - knot) <= WINDOW for knot in KNOTS]
    return np.array([error[part].mean() / half_width[part].mean() if part.sum() >= MINIMUM_IMAGES else np.nan for part in near])


def fit_share(of_domains: np.ndarray) -> np.ndarray | None:
    """The share at `KNOTS` (5,), 0 to 1, that covers a further domain with 90 %, from those of held-out domains (D, 5).

    Errors of domains are taken for normal around zero, so that a further one over the root of their mean square has Student's t
    distribution with D degrees of freedom. Their sampling error stays in: few wells must not make it small. A knot that
    no domain speaks of is shared wholly; None where they speak of none.
    """
    spoken = np.isfinite(of_domains)
    count = spoken.sum(axis=0)
    if not count.any():
        return None
    degrees = np.maximum(count, 1)
    root_mean_square = np.sqrt((np.where(spoken, of_domains, 0.0) ** 2).sum(axis=0) / degrees)
    covering = student.ppf((1 + COVERAGE) / 2, degrees) * root_mean_square
    return np.where(count > 0, np.minimum(covering, 1.0), 1.0)
