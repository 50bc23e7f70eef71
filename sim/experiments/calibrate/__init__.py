"""Fitting parameters to published history: priors, runs, discrepancy, samplers, tables."""
