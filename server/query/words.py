"""What a request asks with words, for the API and for the pages."""

from collections.abc import Callable
from typing import TypeVar

from features.errors import TextIndexBuildingError
from features.search import SearchService, Suggestions
from features.types import Wanted, WordsResult
from server.services.loading import current_loader
from server.telemetry.exchange import record_stages
from server.traffic.admission import take_turn

T = TypeVar("T")


def find_by_words(text: str, wanted: Wanted, extractor: str | None = None) -> WordsResult:
    """The products that some words describe."""
    take_turn()
    result = _asked(extractor, lambda service: service.words(text, wanted))
    record_stages(words=result.took_ms)
    return result


def suggestions(text: str, limit: int, extractor: str | None = None) -> Suggestions:
    """What some words may become."""
    return _asked(extractor, lambda service: service.suggest(text, limit))


def _asked(extractor: str | None, ask: Callable[[SearchService], T]) -> T:
    def service() -> SearchService:
        return current_loader().get_for(extractor=extractor, words=True)

    try:
        return ask(service())
    except TextIndexBuildingError:
        service()  # it knows now that the index is lacking, and starts what builds it
        raise
