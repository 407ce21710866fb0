"""How the properties of the unit tests are tried: without a time limit an example, which a busy machine would break."""

from hypothesis import settings

settings.register_profile("unit", deadline=None, database=None, max_examples=60)
settings.load_profile("unit")
