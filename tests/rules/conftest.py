from hypothesis import settings

# The first call of a rule compiles it, which may take a second.
settings.register_profile("compiled", deadline=None)
settings.load_profile("compiled")
