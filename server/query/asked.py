"""What a request asks: a photo (sent, kept, or an example) and the part of it to search."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass

from flask import Request, current_app

from features.detection.finder import FoundItems, ItemFinder
from features.detection.items import WHOLE
from features.errors import InvalidQueryError
from features.images import picture_size, read_picture
from features.search import MAX_SEEDS, Promising, SearchService
from features.types import Box, Query, SearchResult, TextQuery, Timings, Wanted
from features.videos import WatchedVideo, is_video
from server.pages.examples import find_example
from server.pictures.photos import current_shelf, is_token
from server.query.uploads import FIELD, photo_bytes, photo_from, refuse_text
from server.query.web import current_web
from server.services.loading import current_loader, current_service, current_settings
from server.telemetry.exchange import record_stages
from server.traffic.admission import go_on


@dataclass(frozen=True)
class Choice:
    """The part of a photo to search: its box, and the number of the item that it is."""

    box: Box
    item: int | None = None
    promising: Promising | None = None
    """How it was chosen, where the request names none."""


@dataclass(frozen=True)
class Answer:
    """What was found, and in which part of the photo."""

    result: SearchResult
    choice: Choice
    found: FoundItems | None
    look_ms: float
    """Finding the items."""
    choose_ms: float
    """Comparing them with the catalogue, where the request names none."""
    video: WatchedVideo | None = None
    """What was searched instead of a photo."""


def kept_or_sent_photo(request: Request) -> tuple[bytes, str]:
    """The photo of the request and its token; a photo that is sent has none yet, see `keeping`.

    Raises:
        InvalidQueryError: more than one photo.
        PhotoGoneError: no photo of that token.
        MissingPhotoError: none.
    """
    photos = sent_photos(request)
    if len(photos) > 1:
        raise InvalidQueryError("Send one of image, image_url and image_token, once.")
    return photos[0] if photos else (photo_from(request, current_settings().limits), "")


def sent_photos(request: Request) -> list[tuple[bytes, str]]:
    """All photos of a request, with their tokens: files, addresses, and those that are kept.

    Raises:
        InvalidQueryError: too many of them, or a token that is none.
        MissingPhotoError: one of them is text.
        PictureFetchError: an address leads to no picture.
        UploadsBusyError: too many addresses are being asked.
        PhotoGoneError: no photo of a token.
    """
    refuse_text(request)
    tokens = request.form.getlist("image_token")
    urls = request.form.getlist("image_url")
    files = request.files.getlist(FIELD)
    if len(tokens) + len(urls) + len(files) > MAX_SEEDS:
        raise InvalidQueryError(f"Search with at most {MAX_SEEDS} photos and products.")
    for token in tokens:
        if not is_token(token):
            raise InvalidQueryError(f"image_token is {token[:40]!r}, which is none.")
    limits = current_settings().limits
    return [
        *((photo_bytes(file, limits), "") for file in files),
        *((current_web().get(url), "") for url in urls),
        *((current_shelf().get(token), token) for token in tokens),
    ]


@contextmanager
def keeping(photo: bytes, token: str) -> Iterator[Callable[[], str]]:
    """Inside, a photo is tried; what is given keeps it if it was not yet, and tells its token."""
    if token:
        yield lambda: token
    else:
        with current_shelf().keeping(photo) as kept:
            yield kept


def photo_of_page(request: Request) -> bytes:
    """The photo that a page's address names: `photo=TOKEN` or `example=KEY`."""
    example = request.args.get("example")
    if example is not None:
        return read_picture(find_example(example).path)
    return current_shelf().get(request.args.get("photo", ""))


def answer(
    photo: bytes,
    choice: Box | int | None,
    wanted: Wanted,
    *,
    look: bool = False,
    extractor: str | None = None,
    text: TextQuery | None = None,
) -> Answer:
    """Search one part of a photo; or a whole video, or one part of the frame that shows it best.

    Args:
        choice: a box, the number of an item, or None for what the catalogue matches best.
        look: find the photo's items even where a box makes that needless.
        extractor: whose store to search; None for the default one.
        text: what is said beside the photo.
    """
    service = current_service(extractor)
    searched = service
    if extractor is None:
        searched = current_loader().suited(service, wanted.emphasis, words=text is not None)
    if is_video(photo):
        return _answer_to_video(searched, photo, choice, wanted, text)
    found, look_ms = None, 0.0
    if look or not isinstance(choice, Box):
        found, look_ms = current_finder().find_before_search(photo)
        go_on()
    started = time.perf_counter()
    chosen = Choice(choice) if isinstance(choice, Box) else _chosen(service, photo, found, choice)
    choose_ms = (time.perf_counter() - started) * 1000 if choice is None else 0.0
    go_on()
    if chosen.promising is not None:
        choose_ms -= chosen.promising.times.total  # stages of their own
    known = chosen.promising if searched is service else None
    result = searched.search(Query(photo, chosen.box), wanted, chosen=known, text=text)
    record_stages(detect=look_ms, choose=choose_ms, **asdict(result.took_ms))
    return Answer(result, chosen, found, look_ms, choose_ms)


def _answer_to_video(
    service: SearchService,
    video: bytes,
    choice: Box | int | None,
    wanted: Wanted,
    text: TextQuery | None,
) -> Answer:
    """No items are looked for: the whole is the only one."""
    started = time.perf_counter()
    watched = service.watch(video)
    go_on()
    found = FoundItems((WHOLE,), *picture_size(watched.still))
    if choice not in (None, 0) and not isinstance(choice, Box):
        raise InvalidQueryError(f"item is {choice}; a video has only the item 0, the whole.")
    if isinstance(choice, Box):
        chosen, query = Choice(choice), Query(watched.still, choice)
    else:
        spent = Timings(decode=(time.perf_counter() - started) * 1000, embed=0.0, search=0.0)
        chosen = Choice(WHOLE.box, 0, Promising(0, watched.vector, spent))
        query = Query(watched.still, WHOLE.box)
    result = service.search(query, wanted, chosen=chosen.promising, text=text)
    record_stages(**asdict(result.took_ms))
    return Answer(result, chosen, found, 0.0, 0.0, watched)


def current_finder() -> ItemFinder:
    """The running application's finder of items."""
    finder: ItemFinder = current_app.extensions["finder"]
    return finder


def _chosen(
    service: SearchService, photo: bytes, found: FoundItems | None, item: int | None
) -> Choice:
    items = found.items if found else ()
    if item is None:
        best = service.most_promising(photo, items)
        return Choice(items[best.item].box, best.item, best)
    if not 0 <= item < len(items):
        raise InvalidQueryError(f"item is {item}; this photo has the items 0 to {len(items) - 1}.")
    return Choice(items[item].box, item)
