"""What a domain shares is what is left once its controls have divided; it covers a further domain as often as it says."""

import numpy as np
import pytest

from nvir.calibration import COVERAGE, KNOTS
from nvir.shared_error import fit_share, share_of_domain


def domain(bias, gain: float = 1.0, n: int = 4000, noise: float = 0.05) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Predictions, labels, half widths of 0.2 and control wells of a domain that reads `bias` of the label more, all of it times `gain`."""
    random = np.random.default_rng(0)
    labels = np.concatenate([np.ones(n // 10), random.uniform(0, 1, n - n // 10)])
    viability = gain * (labels + bias(labels) + random.normal(0, noise, n))
    return viability, labels, np.full(n, 0.2), np.arange(n) < n // 10


def middle(depth: float):
    return lambda labels: depth * 4 * labels * (1 - labels)


@pytest.mark.parametrize("gain", [0.7, 1.0, 1.2])
def test_a_gain_cancels_with_the_controls_and_a_bias_of_the_middle_stays(gain: float) -> None:
    assert share_of_domain(*domain(lambda labels: 0 * labels, gain)) == pytest.approx(np.zeros(5), abs=0.02)
    share = share_of_domain(*domain(middle(-0.1), gain))
    assert share[2] == pytest.approx(-0.1 / 0.2, abs=0.05)
    assert abs(share[4]) < abs(share[2]) / 2


def test_a_bias_of_all_wells_alike_stays_where_the_controls_do_not_take_it_away() -> None:
    """What is added to every reading is divided by 1.1 at the controls and by nothing at the dead."""
    share = share_of_domain(*domain(lambda labels: 0 * labels + 0.1))
    assert share[0] == pytest.approx((0.1 / 1.1 - 0.0057) / 0.2, abs=0.03)  # The bin reaches to 0.125: its mean label is 0.0625.
    assert share[2] == pytest.approx((0.6 / 1.1 - 0.5) / 0.2, abs=0.03)


@pytest.mark.parametrize("controls_read", [0.5, 0.8, 1.0, 1.25])
def test_share_is_the_error_of_viability_over_the_controls_per_raw_half_width(controls_read: float) -> None:
    """Whatever the controls read. Only where they read 1 is it the part of the half width, in its unit, that the product takes it for."""
    error = -0.1
    labels = np.repeat([1.0, 0.5], 100)
    relative = np.where(labels == 1, 1.0, 0.5 + error)
    half_width = np.full(200, 0.17)
    share = share_of_domain(controls_read * relative, labels, half_width, labels == 1)
    assert share[2] * half_width[0] == pytest.approx(error, abs=1e-12)


def test_more_wells_do_not_average_it_out() -> None:
    few, many = (share_of_domain(*domain(middle(-0.1), n=n))[2] for n in (1000, 100_000))
    assert few == pytest.approx(many, abs=0.08)


def test_too_few_images_or_controls_say_nothing() -> None:
    viability, labels, half, controls = domain(middle(0.1))
    assert np.isnan(share_of_domain(viability, labels, half, controls & False)).all()
    alive = labels > 0.8
    share = share_of_domain(viability[alive], labels[alive], half[alive], controls[alive])
    assert np.isnan(share).tolist() == [True, True, True, False, False]


def test_a_further_domain_is_covered_as_often_as_promised() -> None:
    random = np.random.default_rng(1)
    for held in (2, 6):
        trials = random.normal(0, 0.2, (3000, held + 1, len(KNOTS)))
        covered = [np.abs(trial[-1]) <= fit_share(trial[:-1]) for trial in trials]
        # Beyond 1 the share is cut: a part is never more than the whole.
        assert np.mean(covered) == pytest.approx(COVERAGE, abs=0.02)


def test_fewer_domains_make_it_larger_and_none_says_nothing() -> None:
    of = np.full((6, 5), 0.2)
    shares = [fit_share(of[:n])[0] for n in (6, 3, 2, 1)]
    assert shares == sorted(shares)
    assert shares == pytest.approx([0.2 * 1.943, 0.2 * 2.353, 0.2 * 2.920, 1.0], abs=1e-3)
    assert fit_share(np.full((3, 5), np.nan)) is None
    of[:, 1] = np.nan
    assert fit_share(of)[1] == 1  # Nobody knows: all of it may be shared.
