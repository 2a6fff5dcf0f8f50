"""Hypothesis is derandomised: a gate must not roll dice. Fresh seeds belong to `make simulate`."""

from hypothesis import settings

settings.register_profile("gate", deadline=None, derandomize=True, max_examples=100)
settings.load_profile("gate")
