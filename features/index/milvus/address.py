"""Where a Milvus is, and what a store's collection is called there."""

import re
from dataclasses import dataclass, field

from features.errors import ConfigError
from features.types import ExtractorSpec

MILVUS = "milvus"
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,99}")


@dataclass(frozen=True)
class MilvusAddress:
    """A server's or cluster's address, or the path of a Milvus Lite file (`.db`)."""

    uri: str
    token: str = field(default="", repr=False)
    prefix: str = "visual_search"
    """What collections of this shop begin with."""
    timeout: float = 30.0
    """Seconds that one operation may take, reconnecting included."""

    def __post_init__(self) -> None:
        if not self.uri:
            raise ConfigError(
                "the index 'milvus' needs an address: --milvus-uri http://HOST:19530 or "
                "VISUAL_SEARCH_MILVUS_URI, or the path of a Milvus Lite file that ends in .db"
            )
        if not _NAME.fullmatch(self.prefix):
            raise ConfigError(
                f"{self.prefix!r} cannot begin a collection's name; use letters, digits and _"
            )

    def collection(self, spec: ExtractorSpec) -> str:
        """The name of a store's collection: one for each extractor of a shop."""
        return collection_name(self.prefix, spec.name)

    def __str__(self) -> str:
        """The address without what it may say of a password."""
        return re.sub(r"//[^/@]*@", "//", self.uri)


def collection_name(prefix: str, extractor: str) -> str:
    """What the collection of an extractor's store is called."""
    return f"{prefix}_{re.sub(r'[^A-Za-z0-9_]', '_', extractor)}"[:200]
