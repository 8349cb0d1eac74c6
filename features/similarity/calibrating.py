"""A store's calibration: fitted, kept beside the manifest, or guessed where it has none yet."""

from pathlib import Path

from features.errors import VisualSearchError
from features.extractors import Extractor
from features.images import DEFAULT_LIMITS, PictureLimits, decode
from features.pictures import PictureSource
from features.similarity.curve import CALIBRATION, Calibration, fit, read_calibration
from features.similarity.sampling import sample_distances
from features.store import StoreView, naming_write_errors, open_store, replace_shared_file
from features.types import GalleryPicture, Image

_GROWN = 0.1  # by this share, since the last calibration
_FEW = 64  # pictures; a server that starts should not wait for more


def calibration_of(view: StoreView) -> Calibration:
    """The store's own, or for a store without one what its vectors alone tell.

    Raises:
        StoreCorruptError: the store's own cannot be read.
    """
    known = read_calibration(view.folder)
    if known is not None:
        return known
    samples = sample_distances(view, pictures=_FEW)
    return fit(samples.same, samples.other, view.picture_count)


def calibrate_store(
    folder: Path,
    extractor: Extractor,
    pictures: PictureSource,
    limits: PictureLimits = DEFAULT_LIMITS,
) -> Calibration:
    """Fit the calibration anew if the store has none, or grew or shrank by a tenth since.

    Raises:
        StoreError: the store cannot be opened or written.
    """
    view = open_store(folder)
    known = read_calibration(folder)
    if known is not None and abs(view.picture_count - known.pictures) <= _GROWN * known.pictures:
        return known

    def read(picture: GalleryPicture) -> Image | None:
        try:
            data = pictures.stored(picture.location, picture.content_hash, limits)
            return decode(data, limits, detail=extractor.detail)
        except VisualSearchError:
            return None  # it is gone since; others will do

    samples = sample_distances(view, extractor, read)
    calibration = fit(samples.same, samples.other, view.picture_count)
    with naming_write_errors(folder):
        replace_shared_file(folder, CALIBRATION, calibration.to_json().encode())
    return calibration
