"""What is costly to make and always comes out alike is made once, and remembered."""

from collections.abc import Callable, Sequence
from hashlib import blake2b
from pathlib import Path
from typing import Any

import numpy as np
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from werkzeug.routing import Rule

from features.extractors.efficientnet import EfficientNetLite, Variant
from features.types import Pixels, Vectors

_MOST = 4_000  # vectors; the tests' own pictures are some hundred


class RememberingNetwork(EfficientNetLite):
    """Computes the vector of the same pixels once: most tests search for the same few pictures.

    What extractors themselves promise is tested with `computed_anew`.
    """

    remembers = True

    def __init__(self, name: str, variant: Variant, cache: Path) -> None:
        super().__init__(name, variant, cache)
        self._known: dict[bytes, Vectors] = {}

    def forward(self, batch: Sequence[Pixels]) -> Vectors:
        """See `Extractor.forward`."""
        if not (self.remembers and batch):
            return super().forward(batch)
        known = self._known if len(self._known) < _MOST else {}
        keys = [blake2b(np.ascontiguousarray(pixels), digest_size=16).digest() for pixels in batch]
        new = {key: pixels for key, pixels in zip(keys, batch, strict=True) if key not in known}
        if new:
            known.update(zip(new, super().forward(list(new.values())), strict=True))
        self._known = known
        return np.stack([known[key] for key in keys])


def remembered_builders() -> Callable[..., Any]:
    """Werkzeug's own, which writes and compiles Python for each address of each application."""
    compiled, made = Rule._compile_builder, dict[object, Any]()

    def builder(rule: Rule, append_unknown: bool = True) -> Any:
        key = rule.rule, str(rule.defaults), tuple(rule._trace), append_unknown
        if key not in made:
            made[key] = compiled(rule, append_unknown)
        return made[key]

    return builder


class RememberedTemplates(BytecodeCache):
    """Templates of Jinja, compiled by the first application that shows them."""

    def __init__(self) -> None:
        self._compiled: dict[tuple[str, str], bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """See `BytecodeCache`."""
        compiled = self._compiled.get((bucket.key, bucket.checksum))
        if compiled is not None:
            bucket.bytecode_from_string(compiled)

    def dump_bytecode(self, bucket: Bucket) -> None:
        """See `BytecodeCache`."""
        self._compiled[bucket.key, bucket.checksum] = bucket.bytecode_to_string()
