"""What the tests of several extractors share."""

from collections.abc import Iterator

import pytest


@pytest.fixture(scope="module")
def networks_begin_with_zeros() -> Iterator[None]:
    """VGG16 draws 138 million random numbers, each of which the weights of a test replace."""
    from keras import initializers, ops

    def zeros(_: object, shape: tuple[int, ...], dtype: str | None = None) -> object:
        return ops.zeros(shape, dtype)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(initializers.GlorotUniform, "__call__", zeros)
        yield
