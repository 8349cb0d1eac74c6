"""The rows of the first table: ways of making vectors, one added at a time."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from features.extractors.efficientnet import VARIANTS, Variant
from features.extractors.registry import COLOURED, DEFAULT_EXTRACTOR
from features.extractors.views import AS_IT_IS

PLAIN, LAYERS = VARIANTS["efficientnet_lite2"], VARIANTS["efficientnet_lite2_layers"]
EIGHT_BITS = VARIANTS["efficientnet_lite2_layers_int8"]
COLOURS = COLOURED[DEFAULT_EXTRACTOR][1]
_SMALL = replace(LAYERS, input_size=PLAIN.input_size, gallery_views=(AS_IT_IS,))
_LARGE = replace(LAYERS, gallery_views=(AS_IT_IS,))
_ONE_PASS = replace(EIGHT_BITS, query_views=(AS_IT_IS,))


@dataclass(frozen=True)
class Ingredient:
    """A row. `colours` is how much they weigh beside the network's vector; 0 is without them."""

    name: str
    kept: bool
    variant: Variant
    colours: float = 0
    adapted: bool = True


INGREDIENTS: Sequence[Ingredient] = (
    Ingredient("plain: efficientnet_lite2", True, PLAIN, adapted=False),
    Ingredient("+ adaptation", True, PLAIN),
    Ingredient("+ three layers, generalised mean", True, _SMALL),
    Ingredient("+ 320 pixels", True, _LARGE),
    Ingredient("+ catalogue mirrored: efficientnet_lite2_layers", True, LAYERS),
    Ingredient("+ 8 bits", True, _ONE_PASS),
    Ingredient("+ photo mirrored too: efficientnet_lite2_layers_int8", True, EIGHT_BITS),
    Ingredient("+ colours: efficientnet_lite2_shop", True, EIGHT_BITS, COLOURS),
    Ingredient("the same without adaptation", True, EIGHT_BITS, COLOURS, adapted=False),
)
OFFERED = INGREDIENTS[-2:]
"""What a shop has unless it chooses otherwise: adapted, and before that."""
