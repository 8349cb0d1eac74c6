"""Views: a picture seen in several ways, whose vectors' mean tells more than any one of them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from features.types import Pixels


@dataclass(frozen=True)
class View:
    """One way of seeing a prepared picture; the same picture always gives the same view.

    The name belongs to what makes vectors comparable: another way of seeing has another name.
    """

    name: str
    of: Callable[[Pixels], Pixels]


Views = tuple[View, ...]

AS_IT_IS = View("as it is", lambda pixels: pixels)
MIRRORED = View("flipped", lambda pixels: np.ascontiguousarray(pixels[:, ::-1]))


def described(gallery: Views, queries: Views) -> str:
    """Both as a part of `ExtractorSpec.preprocessing`."""
    return f"gallery {_names(gallery)}, queries {_names(queries)}"


def _names(views: Sequence[View]) -> str:
    return " + ".join(view.name for view in views)
