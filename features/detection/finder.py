"""Finding the items of a photo, whatever is at hand: the wanted detector, or its stand-in."""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from features.detection.base import Detector
from features.detection.items import find_items, whole_picture
from features.errors import DetectorError
from features.images import DEFAULT_LIMITS, PictureLimits, content_hash, decode, picture_size
from features.types import Detection, Image

DETAIL = 640
"""Pixels per side that a photo keeps when items are looked for."""
_REMEMBERED = 512


@dataclass(frozen=True)
class FoundItems:
    """The items of one photo, the most likely first, the whole picture last."""

    items: tuple[Detection, ...]
    width: int
    height: int
    """The photo's size in pixels, or smaller in the same proportions."""


class ItemFinder:
    """Loads its detector on first use and remembers the last photos' items. Thread-safe.

    Where the wanted detector is not to be had, the stand-in finds regions instead, and `notice`
    says why; without a stand-in the whole picture is the only item.
    """

    def __init__(
        self,
        wanted: Callable[[], Detector] | None,
        stand_in: Callable[[], Detector] | None = None,
        limits: PictureLimits = DEFAULT_LIMITS,
    ) -> None:
        self._wanted = wanted
        self._stand_in = stand_in
        self._limits = limits
        self._detector: Detector | None = None
        self._loaded = wanted is None
        self._loading = threading.Lock()
        self._memory: OrderedDict[str, FoundItems] = OrderedDict()
        self._remembering = threading.Lock()
        self.notice = ""
        """Why items are not found as they should be; empty where they are."""

    @property
    def name(self) -> str:
        """The detector at work, `none`, or `loading`."""
        if not self._loaded:
            return "loading"
        return self._detector.name if self._detector else "none"

    def load(self) -> None:
        """Load the detector now; a first photo then waits for nothing."""
        with self._loading:
            if self._loaded or self._wanted is None:
                return
            try:
                self._detector = self._wanted()
            except DetectorError as error:
                self.notice = str(error)
                self._detector = self._stand_in() if self._stand_in else None
            self._loaded = True

    def warm_up(self) -> None:
        """Load the detector in the background."""
        threading.Thread(target=self.load, name="load-detector", daemon=True).start()

    def find(self, photo: bytes) -> tuple[FoundItems, float]:
        """The items of a photo, and the milliseconds that this took.

        Raises:
            InvalidPictureError: the photo cannot be used.
        """
        started = time.perf_counter()
        digest = content_hash(photo)
        found = self._remembered(digest)
        if found is None:
            self.load()
            found = self._look(photo)
            self._remember(digest, found)
        return found, (time.perf_counter() - started) * 1000

    def find_before_search(self, photo: bytes) -> tuple[FoundItems, float]:
        """As `find`, for a photo that is decoded next anyway: no pixel is, but for a detector.

        Raises:
            InvalidPictureError: the photo cannot be used; where nothing looks for items, damage
                behind its header is left to who decodes it.
        """
        if not self._loaded or self._detector:
            return self.find(photo)
        started = time.perf_counter()
        found = FoundItems(tuple(whole_picture()), *picture_size(photo, self._limits))
        return found, (time.perf_counter() - started) * 1000

    def _look(self, photo: bytes) -> FoundItems:
        image = decode(photo, self._limits, detail=DETAIL)
        found = find_items(self._detector.detect(image)) if self._detector else whole_picture()
        items = [item for item in found if self._is_searchable(item, image)]
        return FoundItems(tuple(items), image.width, image.height)

    def _is_searchable(self, item: Detection, image: Image) -> bool:
        width = (item.box.x2 - item.box.x1) * image.width
        height = (item.box.y2 - item.box.y1) * image.height
        return min(width, height) >= self._limits.min_side

    def _remembered(self, digest: str) -> FoundItems | None:
        with self._remembering:
            if digest in self._memory:
                self._memory.move_to_end(digest)
            return self._memory.get(digest)

    def _remember(self, digest: str, found: FoundItems) -> None:
        with self._remembering:
            self._memory[digest] = found
            while len(self._memory) > _REMEMBERED:
                self._memory.popitem(last=False)
