"""Distance, spread and reach do what they say, in NumPy and in the graph alike; neighbours in a batch change nothing."""

import numpy as np
import pytest
import torch

from nvir.calibration import COVERAGE, KNOTS, Calibrated, Calibration, Domain, Reach, Spread, covering, fit_domain, fit_reach, fit_spread
from nvir.export import write_onnx
from nvir.judge.sessions import open_session, run_session
from nvir.network import NViR

random = np.random.default_rng(0)


def clouds(n: int, centres: list[float]) -> tuple[np.ndarray, np.ndarray]:
    """Features around each centre, and the names of their domains."""
    domains = np.array([f"d{i % len(centres)}" for i in range(n)])
    middle = np.array([centres[i % len(centres)] for i in range(n)])[:, None]
    return (middle + random.normal(0, 1, (n, 16))).astype(np.float32), domains


def test_one_in_a_hundred_known_images_lies_beyond_1_and_foreign_ones_do() -> None:
    features, domains = clouds(4000, [0.0, 40.0])
    domain = fit_domain(features, domains, clouds(4000, [0.0, 40.0])[0])
    known = domain.distance(clouds(4000, [0.0, 40.0])[0])
    assert (known > 1).mean() == pytest.approx(0.01, abs=0.006)
    # Between two domains is no domain, though it is the mean of all images.
    assert (domain.distance(clouds(100, [20.0])[0]) > 1).all()


def test_spread_is_the_90_percent_quantile_where_the_viability_is() -> None:
    viability = random.uniform(0, 1, 20_000)
    labels = viability + random.uniform(-1, 1, 20_000) * np.where(viability < 0.5, 0.1, 0.3)
    spread = fit_spread(viability, labels)
    assert spread.of(np.array([0.0, 1.0])) == pytest.approx([0.09, 0.27], abs=0.01)
    assert spread.of(np.array([-3.0, 7.0])) == pytest.approx(spread.at_knots[[0, -1]])


@pytest.mark.parametrize("true_growth", [0.0, 0.7])
def test_reach_covers_90_percent_within_the_known_distance_and_beyond(true_growth: float) -> None:
    distance = random.uniform(0.3, 3, 20_000)
    score = np.abs(random.normal(0, 1, 20_000)) * (1 + true_growth * np.maximum(distance - 1, 0))
    reach = fit_reach(score, distance)
    for part in (distance <= 1, distance > 1):
        assert (score[part] <= reach.factor(distance[part])).mean() == pytest.approx(COVERAGE, abs=0.02)


def test_growth_is_not_guessed_from_a_handful_and_never_negative() -> None:
    near = np.full(1000, 0.5)
    assert fit_reach(random.uniform(0, 1, 1010), np.concatenate([near, np.full(10, 2.0)])).growth == 0
    shrinking = np.concatenate([random.uniform(0, 1, 1000), np.zeros(100)])
    assert fit_reach(shrinking, np.concatenate([near, np.full(100, 2.0)])).growth == 0


@pytest.mark.parametrize(
    ("near", "beyond"),
    [((11, 1.0), (49, 10.0)), ((1, 0.0), (600, 1.0)), ((0, 0.0), (80, 4.0)), ((2000, 1.0), (49, 1.0)), ((300, 0.0), (60, 2.0))],
)
def test_few_images_on_a_side_do_not_set_its_reach_alone(near: tuple[int, float], beyond: tuple[int, float]) -> None:
    score = np.concatenate([np.full(*near), np.full(*beyond)])
    distance = np.concatenate([np.full(near[0], 0.5), np.full(beyond[0], 3.0)])
    reach = fit_reach(score, distance)
    assert reach.scale > 0
    assert np.isfinite(reach.growth)
    assert (score <= reach.factor(distance) * (1 + 1e-9)).mean() >= COVERAGE
    assert reach.factor(np.array([3.0]))[0] >= beyond[1] * (1 - 1e-9)


@pytest.mark.parametrize(("n", "rank"), [(1, 1), (8, 8), (9, 9), (19, 18), (20, 19), (99, 90), (1000, 901)])
def test_few_values_need_a_higher_rank_to_cover_the_next(n: int, rank: int) -> None:
    assert covering(random.permutation(np.arange(1, n + 1))) == rank


def test_spreads_of_small_sets_cover_what_they_promise() -> None:
    covered = []
    for _ in range(2000):
        viability = random.uniform(0, 1, 15)
        spread = fit_spread(viability, viability + random.normal(0, 0.1, 15))
        covered.append((np.abs(random.normal(0, 0.1, 100)) <= spread.of(random.uniform(0, 1, 100))).mean())
    assert np.mean(covered) == pytest.approx(15 / 16, abs=0.015)  # ⌈0.9 · 16⌉ = 15th of 15.


def test_a_model_that_knows_its_set_by_heart_has_no_spread_of_zero() -> None:
    viability = random.uniform(0, 1, 50)
    assert (fit_spread(viability, viability).at_knots > 0).all()


@pytest.fixture(scope="module")
def calibrated() -> Calibrated:
    torch.manual_seed(0)
    whitening = random.normal(0, 0.1, (512, 512))
    domain = Domain(whitening, random.normal(0, 1, (3, 512)), unit=20.0)
    spread = Spread(np.array([0.1, 0.3, 0.2, 0.15, 0.12]))
    return Calibrated(NViR().eval(), Calibration(domain, spread, Reach(1.3, 0.5), np.array([1.0, 0.6, 0.8, 0.5, 0.1]))).eval()


def test_the_graph_says_what_the_formulas_say(calibrated: Calibrated, tmp_path) -> None:
    write_onnx(calibrated, tmp_path / "m.onnx")
    images = random.integers(0, 256, (5, 256, 256)).astype(np.uint8)
    said = run_session(open_session(tmp_path / "m.onnx"), images)
    with torch.no_grad():
        features = calibrated.model.features(torch.from_numpy(images))
        viability = calibrated.model.regression_head(features).squeeze(1).numpy()
    assert np.abs(said.viability - viability).max() < 1e-4
    away = features.numpy().astype(float) @ calibrated.whitening.numpy().astype(float)
    distance = np.sqrt(((away[:, None] - calibrated.centres.numpy()) ** 2).sum(axis=2).min(axis=1))
    assert said.domain_distance == pytest.approx(distance, rel=1e-3)
    spread = np.interp(said.viability, KNOTS, [0.1, 0.3, 0.2, 0.15, 0.12])
    assert said.half_width_90 == pytest.approx(spread * 1.3 * (1 + 0.5 * np.maximum(distance - 1, 0)), rel=1e-3)
    share = np.interp(said.viability, KNOTS, [1.0, 0.6, 0.8, 0.5, 0.1])
    assert said.shared_half_width_90 == pytest.approx(said.half_width_90 * share, rel=1e-5)


def test_no_number_of_an_image_depends_on_its_neighbours(calibrated: Calibrated, tmp_path) -> None:
    write_onnx(calibrated, tmp_path / "m.onnx")
    images = random.integers(0, 256, (9, 256, 256)).astype(np.uint8)
    session = open_session(tmp_path / "m.onnx")
    alone = [session.run(None, {"images": images[i : i + 1]}) for i in range(len(images))]
    for n in (2, 3, 8, 9):
        for number, together in enumerate(session.run(None, {"images": images[:n]})):
            assert np.array_equal(together, np.concatenate([of[number] for of in alone[:n]])), (n, number)
