"""Which stores a set has, and which of them is the default: values, and how they change."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace

FORMAT = 1


@dataclass(frozen=True)
class Previous:
    """What a swap replaced: the default, and the extractor's store, if it had one."""

    default: str | None
    extractor: str
    folder: str | None


@dataclass(frozen=True)
class Register:
    """What `stores.json` says; folders are relative to its own."""

    default: str | None = None
    stores: Mapping[str, str] = field(default_factory=dict)
    previous: Previous | None = None

    @property
    def folders(self) -> list[str]:
        """Every folder that is named, the one to go back to included."""
        former = None if self.previous is None else self.previous.folder
        return [*self.stores.values(), *([] if former is None else [former])]

    def to_json(self) -> str:
        """As it is written."""
        return json.dumps({"format": FORMAT, **asdict(self)}, indent=1) + "\n"

    def with_store(self, extractor: str, folder: str) -> "Register":
        """One more store; the first one becomes the default."""
        default = extractor if self.default is None else self.default
        return replace(self, default=default, stores={**self.stores, extractor: folder})

    def without(self, extractor: str) -> "Register":
        """The next store becomes the default; a way back to the forgotten one is none."""
        stores = {name: folder for name, folder in self.stores.items() if name != extractor}
        default = next(iter(stores), None) if self.default == extractor else self.default
        gone = self.previous and extractor in (self.previous.extractor, self.previous.default)
        return Register(default, stores, None if gone else self.previous)

    def swapped(self, extractor: str, folder: str | None, default: str | None) -> "Register":
        """Another store, or none, for an extractor; what was there before is remembered."""
        stores = {**self.stores, extractor: folder}
        left = {name: place for name, place in stores.items() if place is not None}
        if default not in left:
            default = next(iter(left), None)
        if (default, left) == (self.default, self.stores):
            return self
        return Register(
            default, left, Previous(self.default, extractor, self.stores.get(extractor))
        )
