"""Regressions as those who evaluate trials report them: strata, and errors that are clustered.

Least squares are those of statsmodels, with a constant for each stratum and the covariance of Liang
and Zeger (1986), corrected for few clusters as Stata does: G/(G-1)·(N-1)/(N-K). Intervals and
p-values are Student's with G-1 degrees of freedom. They fail where few are treated, as sellers are
in a survey; `compared` is for these. With one instrument for one treatment the
estimate is (Z'X)⁻¹Z'y, and its covariance that of the same kind.
"""

import math
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.errors import ScenarioError
from sim.experiments.extras import need

CONFIDENCE: Final = 0.95
"""Share of intervals that cover what is true."""
POWER: Final = 0.8
"""Chance to find the effect that is called detectable."""
FEWEST_CLUSTERS: Final = 2
_NOTHING: Final = 1e-12
"""A share of the variance that is rounding."""

Floats = NDArray[np.float64]
Labels = NDArray[np.int64]


class Sample(NamedTuple):
    """Who is looked at, apart from outcome and treatment."""

    stratum: Labels
    """(n,) within which the treatment was drawn by lot."""
    cluster: Labels
    """(n,) who was treated together."""

    def only(self, rows: NDArray[Any]) -> "Sample":
        """Return a part of it."""
        return Sample(self.stratum[rows], self.cluster[rows])


class Estimate(NamedTuple):
    """An effect with its clustered error; nan where it cannot be told."""

    effect: float
    error: float
    low: float
    high: float
    p_value: float
    observations: int
    clusters: int
    freedom: float
    """Degrees of freedom of the error."""


def clustered(
    outcome: Floats, treatment: Floats, sample: Sample, controls: tuple[Floats, ...] = ()
) -> Estimate:
    """Regress an outcome on a treatment, controls and a constant for each stratum.

    Parameters
    ----------
    outcome, treatment : array (n,)
        What came out, and what was done.
    sample : Sample
        Strata and clusters.
    controls : tuple of array (n,)
        Further regressors.

    Returns
    -------
    Estimate
        The coefficient of the treatment. nan if all of a stratum's treatments are alike in every
        stratum, or there are too few clusters.

    Raises
    ------
    RunError
        If statsmodels is not installed.
    """
    columns = _columns(treatment, sample, controls)
    clusters = np.unique(sample.cluster).size
    if clusters < FEWEST_CLUSTERS or not _varies(treatment, sample):
        return _unknown(outcome.size, clusters)
    api = need("statsmodels.api", "experiments")
    # The constants of the strata add up to one, so that nobody need look for it.
    fitted = api.OLS(outcome, columns, hasconst=True).fit(
        method="qr", cov_type="cluster", cov_kwds={"groups": sample.cluster}, use_t=True
    )
    variance = float(fitted.cov_params()[0, 0])
    return _estimate(float(fitted.params[0]), variance, outcome.size, clusters)


def compared(outcome: Floats, belongs: Floats, sample: Sample) -> Estimate:
    """Compare a group that was not drawn with the others, with a constant for each stratum.

    The group may be small, and in few clusters. Residuals near it are then too small, and no
    number of other clusters helps. They are corrected cluster by cluster (CR2), and degrees of
    freedom are Satterthwaite's, both as if errors were independent and alike: Bell and McCaffrey
    (2002), Survey Methodology 28; Imbens and Kolesár (2016), Review of Economics and Statistics
    98. With one member there is no error to be known.

    Parameters
    ----------
    outcome, belongs : array (n,)
        What came out, and who belongs to the group (0 or 1).
    sample : Sample
        Strata and clusters.

    Returns
    -------
    Estimate
        The coefficient of belonging. nan if the group is in a single cluster, or is all or
        nothing of every stratum.
    """
    names, numbers = np.unique(sample.cluster, return_inverse=True)
    inside = np.unique(numbers[_within(belongs, sample) * belongs > _NOTHING])
    if inside.size < FEWEST_CLUSTERS or not _varies(belongs, sample):
        return _unknown(outcome.size, names.size)
    columns = _columns(belongs, sample, ())
    bread = np.linalg.inv(columns.T @ columns)
    found = bread @ (columns.T @ outcome)
    left, root = outcome - columns @ found, np.linalg.cholesky(bread)
    scores, squares, pulls = (np.zeros((names.size, *shape)) for shape in ((), (), bread[0].shape))
    order = np.argsort(numbers, kind="stable")
    for place, rows in enumerate(np.split(order, np.cumsum(np.bincount(numbers))[:-1])):
        weights = _freed(columns[rows] @ root, columns[rows] @ bread[:, 0])
        scores[place], squares[place] = weights @ left[rows], weights @ weights
        pulls[place] = weights @ columns[rows]
    # What estimates have to do with each other's clusters, if errors are independent and alike.
    shared = np.diag(squares) - pulls @ bread @ pulls.T
    freedom = float(np.trace(shared) ** 2 / (shared**2).sum())
    variance = float(scores @ scores)
    return _estimate(float(found[0]), variance, outcome.size, names.size, freedom)


def _freed(own: Floats, weights: Floats) -> Floats:
    """Return weights of a cluster's residuals, less what it has pulled the line towards itself.

    ``own @ own.T`` is the part of the hat matrix that is the cluster's.
    """
    basis, pull, _ = np.linalg.svd(own, full_matrices=False)
    kept = 1.0 - pull**2
    # A direction that the cluster alone settles has no residuals.
    freed = np.where(kept > _NOTHING, 1.0 / np.sqrt(np.maximum(kept, _NOTHING)), 0.0)
    along: Floats = basis.T @ weights
    return np.asarray(weights + basis @ ((freed - 1.0) * along), np.float64)


def instrumented(outcome: Floats, uptake: Floats, assigned: Floats, sample: Sample) -> Estimate:
    """Estimate what a treatment does to those who take it up, with assignment as its instrument.

    Parameters
    ----------
    outcome, uptake, assigned : array (n,)
        What came out, who was treated (0 or 1), and who was meant to be.
    sample : Sample
        Strata and clusters.

    Returns
    -------
    Estimate
        The effect on those who take it up because they are assigned. It holds if assignment does
        nothing to others. nan if assignment changes nobody's uptake.
    """
    clusters = np.unique(sample.cluster).size
    regressors = _columns(uptake, sample, ())
    instruments = _columns(assigned, sample, ())
    first = _within(assigned, sample) @ uptake
    if clusters < FEWEST_CLUSTERS or abs(first) <= _NOTHING * outcome.size:
        return _unknown(outcome.size, clusters)
    inverse = np.linalg.inv(instruments.T @ regressors)
    found = inverse @ (instruments.T @ outcome)
    scores = instruments * (outcome - regressors @ found)[:, None]
    numbers = np.unique(sample.cluster, return_inverse=True)[1]
    sums = np.zeros((clusters, scores.shape[1]))
    np.add.at(sums, numbers, scores)
    rows, width = regressors.shape
    correction = clusters / (clusters - 1) * (rows - 1) / (rows - width)
    covariance = correction * inverse @ (sums.T @ sums) @ inverse.T
    return _estimate(float(found[0]), float(covariance[0, 0]), outcome.size, clusters)


def detectable(error: float, freedom: float, power: float = POWER) -> float:
    """Return the least effect that such a trial finds with a given chance.

    Parameters
    ----------
    error : float
        Standard error of the estimate.
    freedom : float
        Its degrees of freedom; nan if nothing is known.
    power : float
        The chance (0-1).

    Raises
    ------
    ScenarioError
        If the chance is not between 0 and 1.
    """
    if not 0.0 < power < 1.0:
        raise ScenarioError("power", "", power, "above 0 and below 1")
    quantile = need("scipy.special", "experiments").stdtrit
    both = quantile(freedom, 0.5 + 0.5 * CONFIDENCE) + quantile(freedom, power)
    return float(both) * error


def strata_removed(values: Floats, stratum: Labels) -> Floats:
    """Return values less the mean of their stratum."""
    numbers = np.unique(stratum, return_inverse=True)[1]
    means = np.bincount(numbers, values) / np.bincount(numbers)
    return np.asarray(values - means[numbers], np.float64)


def _columns(first: Floats, sample: Sample, controls: tuple[Floats, ...]) -> Floats:
    numbers = np.unique(sample.stratum, return_inverse=True)[1]
    constants = (numbers[:, None] == np.arange(numbers.max() + 1)).astype(np.float64)
    return np.column_stack([first, *controls, constants])


def _within(values: Floats, sample: Sample) -> Floats:
    return strata_removed(values, sample.stratum)


def _varies(treatment: Floats, sample: Sample) -> bool:
    left = _within(treatment, sample)
    return bool((left**2).sum() > _NOTHING * treatment.size)


def _unknown(observations: int, clusters: int) -> Estimate:
    nan = math.nan
    return Estimate(nan, nan, nan, nan, nan, observations, clusters, nan)


def _estimate(
    effect: float, variance: float, observations: int, clusters: int, freedom: float | None = None
) -> Estimate:
    special = need("scipy.special", "experiments")
    # Rounding may take a variance of nothing, as of few clusters, below zero.
    error = math.sqrt(max(variance, 0.0))
    freedom = clusters - 1.0 if freedom is None else freedom
    half = float(special.stdtrit(freedom, 0.5 + 0.5 * CONFIDENCE)) * error
    p_value = 2.0 * float(special.stdtr(freedom, -abs(effect) / error)) if error > 0.0 else math.nan
    bounds = effect - half, effect + half
    return Estimate(effect, error, *bounds, p_value, observations, clusters, freedom)
