"""Here the networks themselves are what is tested."""

import pytest


@pytest.fixture(autouse=True)
def _every_vector_is_computed(computed_anew: None) -> None:
    """None is remembered from an earlier test."""
