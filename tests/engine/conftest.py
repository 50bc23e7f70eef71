"""Settings of hypothesis, with which the same worlds are drawn on every machine."""

from hypothesis import settings

# The first call of the engine compiles it, which takes longer than any deadline.
settings.register_profile("engine", deadline=None, derandomize=True, database=None)
settings.load_profile("engine")
