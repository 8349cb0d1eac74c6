"""Searching with photos and with products, each search against one version of the store."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np

from features.cores import usable_cores
from features.errors import InvalidQueryError
from features.extractors import Extractor, TextExtractor
from features.extractors.by_turns import embed_by_turns
from features.images import DEFAULT_LIMITS, PictureLimits, crop, decode
from features.index import DEFAULT_INDEX, lacks_index
from features.index.milvus import MilvusAddress
from features.pictures import Vault
from features.search.blending import blended, product_vector
from features.search.current import CurrentGallery
from features.search.emphasising import able_extractor, check_emphasis, emphasised
from features.search.gallery import Gallery, gallery_mark, load_gallery
from features.search.pictures import picture_in
from features.search.promising import Promising, most_promising
from features.search.ranking import MAX_LIMIT, check_wanted, rank_products
from features.search.stopwatch import StopWatch
from features.search.texts import check_text, filters_in, speaking_extractor
from features.search.words import Look, Suggestions, WordSearch
from features.similarity import Calibration
from features.store import StoreView
from features.types import (
    Box,
    Detection,
    Image,
    Query,
    SearchResult,
    TextQuery,
    Timings,
    Vectors,
    Wanted,
    WordsResult,
)
from features.videos import DEFAULT_VIDEO_LIMITS, VideoLimits, WatchedVideo, is_video, watch

MAX_SEEDS = 10
_USUAL = Wanted()
_VIDEO_THREADS = min(4, usable_cores())


@dataclass(frozen=True)
class Comparison:
    """How far apart two pictures are, and what that means in this store."""

    distance: float
    """Euclidean."""
    similarity: float
    same_thing: bool
    """The similarity is above the store's own threshold."""


class SearchService:
    """Finds the nearest products of a store. Safe to call from several threads.

    A committed change of the store is seen by the next search, see `CurrentGallery`.
    """

    def __init__(
        self,
        store: Path,
        extractor: Extractor,
        *,
        index: str = DEFAULT_INDEX,
        limits: PictureLimits = DEFAULT_LIMITS,
        video_limits: VideoLimits = DEFAULT_VIDEO_LIMITS,
        pictures_root: Path | None = None,
        vault: Vault | None = None,
        milvus: MilvusAddress | None = None,
    ) -> None:
        """Open the store.

        Args:
            pictures_root: where the catalogue's pictures are, if no longer where they were.
            vault: holds the pictures that came from the web, an archive, or an upload.
            milvus: where the Milvus is that the index "milvus" searches.

        Raises:
            StoreError: the store is missing, damaged, or made by another extractor.
        """
        self.extractor = extractor
        self._store = store
        self._index_name = index
        self._milvus = milvus
        self._limits = limits
        self._video_limits = video_limits
        self._pictures_root = pictures_root
        self._vault = vault
        self._newest = CurrentGallery(partial(gallery_mark, store), self._load)
        self._words = WordSearch(store)

    @property
    def view(self) -> StoreView:
        """The store's current version."""
        return self._current().view

    @property
    def calibration(self) -> Calibration:
        """What distances mean in the store's current version."""
        return self._current().calibration

    @property
    def state(self) -> str:
        """A digest that changes with the store's version and with its calibration."""
        return self._current().digest

    @property
    def lacks_index(self) -> bool:
        """Whether `index_store` and `index_words` would do something for searches of this store."""
        return lacks_index(self._newest.opened.index) or self._words.lacks_index

    @property
    def emphasised_by(self) -> str:
        """The extractor whose store can be searched with an emphasis; empty if there is none.

        It is another one where this store is adapted: what an adaptation mixes has no parts.
        """
        return able_extractor(self.extractor)

    @property
    def worded_by(self) -> str:
        """The extractor whose store can be searched with words; empty if there is none.

        It is another one where this store is adapted: its space is of pictures alone.
        """
        return speaking_extractor(self.extractor)

    @property
    def knows_words(self) -> bool:
        """Whether its extractor has a text side, so that words can be searched with."""
        return isinstance(self.extractor, TextExtractor)

    def search(
        self,
        query: Query,
        wanted: Wanted = _USUAL,
        *,
        chosen: Promising | None = None,
        text: TextQuery | None = None,
    ) -> SearchResult:
        """The products nearest to a photo, its chosen part or a video; ties by product id.

        A product is as near as its nearest picture.

        Args:
            chosen: what `most_promising` said of the query's part, if it was asked.
            text: what is said beside the photo, see `blend`.

        Raises:
            InvalidPictureError: the photo or the video cannot be used.
            VideosUnavailableError: videos cannot be read here.
            InvalidQueryError: what is wanted is out of range, or the box is no usable part of the
                photo.
            NoEmphasisError: the vectors of the store have no parts that could count more.
            NoTextSideError: the extractor knows no words, and the text names no value of a field.
            StoreEmptyError: there is nothing to find.
        """
        if chosen is None or chosen.vector is None:
            return self.blend([query], (), wanted, text)
        self._check(wanted, text, seeds=1)
        return self._nearest([chosen.vector], (), wanted, text, chosen.times, query.box)

    def similar(self, product_id: str, wanted: Wanted = _USUAL) -> SearchResult:
        """The other products nearest to one of the store.

        Raises:
            UnknownProductError: there is no such product.
            InvalidQueryError: what is wanted is out of range.
            NoEmphasisError: the vectors of the store have no parts that could count more.
        """
        return self.blend((), [product_id], wanted)

    def blend(
        self,
        queries: Sequence[Query],
        product_ids: Sequence[str],
        wanted: Wanted = _USUAL,
        text: TextQuery | None = None,
    ) -> SearchResult:
        """The products nearest to the mean of some photos and products; the latter are left out.

        With a text the query is the mean, weighted, of what these and what the words become; the
        text alone will do. Of an extractor that knows no words, those are filters that name what
        the catalogue has: a colour, a brand.

        Raises:
            InvalidPictureError: a photo cannot be used.
            UnknownProductError: there is no such product.
            InvalidQueryError: what is wanted is out of range, there is nothing to search with, or
                more than `MAX_SEEDS`; a similarity is wanted of what words find.
            NoEmphasisError: the vectors of the store have no parts that could count more.
            NoTextSideError: the extractor knows no words, and the text names no value of a field.
            StoreEmptyError: there is nothing to find.
        """
        self._check(wanted, text, seeds=len(queries) + len(product_ids))
        clock = StopWatch()
        videos = [self.watch(query.photo).vector for query in queries if is_video(query.photo)]
        images = [self._decoded(query) for query in queries if not is_video(query.photo)]
        decoded = clock.lap()
        vectors = [*videos, *(self.extractor.embed(images) if images else ())]
        times = Timings(decode=decoded, embed=clock.lap(), search=0.0)
        box = queries[0].box if len(queries) == 1 else None
        return self._nearest(vectors, product_ids, wanted, text, times, box)

    def _nearest(
        self,
        vectors: Sequence[Vectors],
        product_ids: Sequence[str],
        wanted: Wanted,
        text: TextQuery | None,
        times: Timings,
        box: Box | None,
    ) -> SearchResult:
        """The answer to some vectors, products and words, from the store's current version."""
        clock = StopWatch()
        said = self._said(text)
        if said:
            times = replace(times, embed=times.embed + clock.lap())
        gallery = emphasised(self._current(), self.extractor, wanted.emphasis)
        understood = () if text is None or said else filters_in(gallery, text)
        seeds = [*vectors, *(product_vector(gallery, product_id) for product_id in product_ids)]
        ranking = rank_products(
            gallery,
            blended(seeds, said, text, normalized=self.extractor.spec.normalized),
            replace(
                wanted,
                filters=(*wanted.filters, *understood),
                exclude=wanted.exclude | set(product_ids),
            ),
            gallery.view.products[product_ids[0]].category if product_ids else "",
        )
        return SearchResult(
            extractor=self.extractor.spec.name,
            index_version=gallery.view.version,
            hits=ranking.hits,
            took_ms=replace(times, search=clock.lap()),
            searched_box=box,
            no_confident_match=ranking.no_confident_match and not said,
            has_similarities=not said,
            facets=ranking.facets,
            metric=gallery.view.metric,
            understood=understood,
        )

    def words(self, text: str, wanted: Wanted = _USUAL) -> WordsResult:
        """The products that some words describe, the best first; ties in the catalogue's order.

        Where the extractor has a text side, also those whose pictures show it.

        Raises:
            InvalidQueryError: there are no words or too many, or what is wanted is out of range, or
                needs similarities.
            StoreEmptyError: there is nothing to find.
            TextSearchError: this machine has no full-text index, or the store's is not built yet.
        """
        clock = StopWatch()
        found = self._words.find(self._current(), text, wanted, self._look_for(text, wanted))
        return WordsResult(
            extractor=self.extractor.spec.name,
            index_version=found.index_version,
            hits=found.hits,
            took_ms=clock.lap(),
            total=found.total,
            all_words=found.all_words,
            did_you_mean=found.did_you_mean,
            facets=found.facets,
        )

    def _look_for(self, text: str, wanted: Wanted) -> Look | None:
        """What finds the products whose pictures show a text; None if the extractor cannot."""
        if not isinstance(self.extractor, TextExtractor):
            return None
        embed = self.extractor.embed_texts
        nearest = Wanted(limit=MAX_LIMIT, filters=wanted.filters, exclude=wanted.exclude)
        return lambda gallery: rank_products(gallery, embed([text])[0], nearest).hits

    def suggest(self, text: str, limit: int) -> Suggestions:
        """What words that are being typed may become; raises what `words` does."""
        return self._words.suggest(self._current(), text, limit)

    def watch(self, video: bytes) -> WatchedVideo:
        """A video to search with: its vector, and the frame that shows it best.

        Raises:
            InvalidPictureError: it is no video that can be used.
            VideosUnavailableError: videos cannot be read here.
        """
        return watch(
            video,
            lambda frames: embed_by_turns(self.extractor, frames, self.extractor.query_views),
            normalized=self.extractor.spec.normalized,
            limits=self._video_limits,
            threads=_VIDEO_THREADS,
        )

    def _check(self, wanted: Wanted, text: TextQuery | None, *, seeds: int) -> None:
        check_wanted(wanted)
        check_emphasis(self.extractor, wanted.emphasis)
        if seeds > MAX_SEEDS or not (seeds or text):
            raise InvalidQueryError(f"search with 1 to {MAX_SEEDS} photos and products, or a text")
        if text is not None:
            check_text(text, self.extractor, wanted, alone=not seeds)

    def _said(self, text: TextQuery | None) -> Sequence[Vectors]:
        """What a text becomes, if there is one and the extractor knows words."""
        if text is None or not isinstance(self.extractor, TextExtractor):
            return ()
        return tuple(self.extractor.embed_texts([text.text]))

    def compare(self, one: Query, other: Query) -> Comparison:
        """How far apart two photos, or parts of them, are.

        Raises:
            InvalidPictureError: a photo cannot be used.
        """
        first, second = self.extractor.embed([self._decoded(one), self._decoded(other)])
        distance = float(np.linalg.norm(first.astype(np.float64) - second))
        calibration = self._current().calibration
        similarity = calibration.similarity(distance)
        return Comparison(distance, similarity, similarity >= calibration.threshold)

    def most_promising(self, photo: bytes, items: Sequence[Detection]) -> Promising:
        """The item to search at once; the whole picture comes last in `items`."""
        return most_promising(self._current(), self.extractor, photo, items, self._limits)

    def picture(self, digest: str) -> bytes:
        """The bytes of a catalogue picture, by its content hash.

        Raises:
            PictureNotFoundError: no product has it, or its file is gone.
        """
        return picture_in(
            self.view, digest, root=self._pictures_root, vault=self._vault, limits=self._limits
        )

    def _decoded(self, query: Query) -> Image:
        """The part of the photo to search with: shape and detail as the extractor likes it."""
        detail = self.extractor.detail
        if query.box is None:
            return decode(query.photo, self._limits, detail=detail)
        box = query.box.checked()
        return crop(decode(query.photo, self._limits, detail=detail, part=box), box, self._limits)

    def _current(self) -> Gallery:
        return self._newest.get()

    def _load(self, previous: Gallery | None) -> Gallery:
        return load_gallery(
            self._store, self.extractor.spec, self._index_name, previous, self._milvus
        )
