"""The rows of the table: ways of making vectors and of ranking by them, one added at a time."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from features.extractors.efficientnet import VARIANTS, Variant
from features.extractors.views import AS_IT_IS, MIRRORED

PLAIN, LAYERS = VARIANTS["efficientnet_lite2"], VARIANTS["efficientnet_lite2_layers"]
_SMALL = replace(LAYERS, input_size=PLAIN.input_size, gallery_views=(AS_IT_IS,))
_LARGE = replace(LAYERS, gallery_views=(AS_IT_IS,))
_BOTH_MIRRORED = replace(LAYERS, query_views=(AS_IT_IS, MIRRORED))


@dataclass(frozen=True)
class Ingredient:
    """A row: `best` pictures of a product count, `expanded` by so many neighbours of the photo."""

    name: str
    kept: bool
    variant: Variant
    adapted: bool = True
    best: int = 1
    expanded: int = 0


INGREDIENTS: Sequence[Ingredient] = (
    Ingredient("plain: efficientnet_lite2", True, PLAIN, adapted=False),
    Ingredient("+ adaptation", True, PLAIN),
    Ingredient("+ three layers, generalised mean", True, _SMALL),
    Ingredient("+ 320 pixels", True, _LARGE),
    Ingredient("+ catalogue mirrored: efficientnet_lite2_layers", True, LAYERS),
    Ingredient("the same without adaptation", False, LAYERS, adapted=False),
    Ingredient("the same, photo mirrored too", False, _BOTH_MIRRORED),
    Ingredient("the same, mean of a product's best two", False, LAYERS, best=2),
    Ingredient("plain, mean of a product's best two", False, PLAIN, adapted=False, best=2),
    Ingredient("the same, photo expanded by 3 neighbours", False, LAYERS, expanded=3),
)
