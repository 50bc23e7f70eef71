"""From a uniform number to chances, counts and spreads. Rules never draw: they are handed `u`."""

import math

from sim.compiled import rule


@rule
def standard_normal(u: float) -> float:
    """Quantile of the standard normal distribution, increasing in u.

    Ratios of polynomials of degree seven, one for the middle and two for the tails; the relative
    error is about 1e-16. 0 < u < 1.
    Source: Wichura (1988), "Algorithm AS 241: the percentage points of the normal distribution",
    Applied Statistics 37(3), 477-484, routine PPND16.
    """
    q = u - 0.5
    if abs(q) <= 0.425:
        r = 0.180625 - q * q
        upper = (
            ((((((2509.0809287301226727 * r + 33430.575583588128105) * r
            + 67265.770927008700853) * r + 45921.953931549871457) * r
            + 13731.693765509461125) * r + 1971.5909503065514427) * r
            + 133.14166789178437745) * r + 3.3871328727963666080
        )  # fmt: skip
        lower = (
            ((((((5226.4952788528545610 * r + 28729.085735721942674) * r
            + 39307.895800092710610) * r + 21213.794301586595867) * r
            + 5394.1960214247511077) * r + 687.18700749205790830) * r
            + 42.313330701600911252) * r + 1.0
        )  # fmt: skip
        return q * upper / lower
    r = math.sqrt(-math.log(min(u, 1.0 - u)))
    if r <= 5.0:
        r -= 1.6
        upper = (
            ((((((7.74545014278341407640e-4 * r + 2.27238449892691845833e-2) * r
            + 2.41780725177450611770e-1) * r + 1.27045825245236838258) * r
            + 3.64784832476320460504) * r + 5.76949722146069140550) * r
            + 4.63033784615654529590) * r + 1.42343711074968357734
        )  # fmt: skip
        lower = (
            ((((((1.05075007164441684324e-9 * r + 5.47593808499534494600e-4) * r
            + 1.51986665636164571966e-2) * r + 1.48103976427480074590e-1) * r
            + 6.89767334985100004550e-1) * r + 1.67638483018380384940) * r
            + 2.05319162663775882187) * r + 1.0
        )  # fmt: skip
    else:
        r -= 5.0
        upper = (
            ((((((2.01033439929228813265e-7 * r + 2.71155556874348757815e-5) * r
            + 1.24266094738807843860e-3) * r + 2.65321895265761230930e-2) * r
            + 2.96560571828504891230e-1) * r + 1.78482653991729133580) * r
            + 5.46378491116411436990) * r + 6.65790464350110377720
        )  # fmt: skip
        lower = (
            ((((((2.04426310338993978564e-15 * r + 1.42151175831644588870e-7) * r
            + 1.84631831751005468180e-5) * r + 7.86869131145613259100e-4) * r
            + 1.48753612908506148525e-2) * r + 1.36929880922735805310e-1) * r
            + 5.99832206555887937690e-1) * r + 1.0
        )  # fmt: skip
    return math.copysign(upper / lower, q)


@rule
def poisson_count(mean: float, u: float) -> int:
    """Events that happen when `mean` are expected, at least 0, never decreasing in u.

    Below a mean of 30 the exact quantile, by adding up probabilities; above, the normal quantile
    with the next three terms of its expansion, at most one event off and that for fewer than one
    u in 5,000. mean may be any number, none are expected from 0 down; 0 < u < 1.
    Source: Devroye (1986), "Non-uniform random variate generation", section III.2 (inversion by
    sequential search); Giles (2016), "Algorithm 955: approximation of the inverse Poisson
    cumulative distribution function", ACM Transactions on Mathematical Software 42(1), article 7
    (the expansion in powers of the mean, which goes back to Cornish and Fisher).
    """
    if mean <= 0.0:
        return 0
    if mean < 30.0:
        count = 0
        probability = math.exp(-mean)
        reached = probability
        # The sum may stay below a u next to 1 for ever; by then nothing is added any more.
        while reached < u and (count < mean or probability > 1e-18):
            count += 1
            probability *= mean / count
            reached += probability
        return count
    spread = math.sqrt(mean)
    # Further left the expansion would turn back; there it has long been below 0.
    z = max(standard_normal(u), -2.0 * spread)
    square = z * z
    quantile = (
        mean
        + spread * z
        + (square + 2.0) / 6.0
        - z * (square + 2.0) / (72.0 * spread)
        + (12.0 * square * square + 28.0 * square - 64.0) / (3240.0 * mean)
    )
    return max(0, math.floor(quantile))


@rule
def lognormal_unit_mean(sigma: float, u: float) -> float:
    """Factor above 0 with a lognormal distribution and an average of 1, not decreasing in u.

    sigma >= 0 is the standard deviation of its logarithm; 0 < u < 1.
    Source: Johnson, Kotz and Balakrishnan (1994), "Continuous univariate distributions", vol. 1,
    chapter 14 (mean of the lognormal distribution).
    """
    return math.exp(sigma * standard_normal(u) - 0.5 * sigma * sigma)


@rule
def logistic(x: float) -> float:
    """Probability [0-1] that goes with the log-odds x: the choice probability of a binary logit.

    Any x; the exponential is only ever taken of a number below 0, so it cannot overflow.
    Source: McFadden (1974), "Conditional logit analysis of qualitative choice behavior", in
    Zarembka (ed.), Frontiers in econometrics, 105-142.
    """
    if x >= 0.0:
        return 1.0 / (1.0 + math.exp(-x))
    odds = math.exp(x)
    return odds / (1.0 + odds)
