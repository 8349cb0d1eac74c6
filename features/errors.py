"""The one error family. Each class has a stable `code`; messages name the cause and the way out."""

from typing import ClassVar


class VisualSearchError(Exception):
    """Base of every expected failure; its message is safe to show to a person."""

    code: ClassVar[str] = "error"


class InvalidPictureError(VisualSearchError):
    """The bytes are not a picture that can be used."""

    code = "invalid_picture"


class EmptyPictureError(InvalidPictureError):
    """Zero bytes."""

    code = "empty_picture"


class NotAPictureError(InvalidPictureError):
    """No known picture format, or one that holds no pixels (SVG, PDF)."""

    code = "not_a_picture"


class BrokenPictureError(InvalidPictureError):
    """A picture format whose data is truncated or damaged."""

    code = "broken_picture"


class PictureTooLargeError(InvalidPictureError):
    """More bytes than the limit."""

    code = "picture_too_large"


class TooManyPixelsError(InvalidPictureError):
    """More pixels, or a longer side, than the limit; found before decoding."""

    code = "too_many_pixels"


class PictureTooSmallError(InvalidPictureError):
    """Too few pixels to show anything."""

    code = "picture_too_small"


class InvalidVideoError(InvalidPictureError):
    """The bytes are not a video that can be used."""

    code = "invalid_video"


class NotAVideoError(InvalidVideoError):
    """No known video format, or one without pictures that can be decoded here."""

    code = "not_a_video"


class BrokenVideoError(InvalidVideoError):
    """A video format whose data is truncated or damaged."""

    code = "broken_video"


class VideoTooLargeError(InvalidVideoError):
    """More bytes than the limit."""

    code = "video_too_large"


class VideoTooLongError(InvalidVideoError):
    """More seconds than the limit."""

    code = "video_too_long"


class VideoTooSlowError(InvalidVideoError):
    """A video that takes more time to read than there is."""

    code = "video_too_slow"


class PictureNotFoundError(VisualSearchError):
    """A picture that a catalogue or a store names is not there."""

    code = "picture_not_found"


class PictureOutsideCatalogError(PictureNotFoundError):
    """A picture path that leaves the catalogue's folder."""

    code = "picture_outside_catalog"


class RemotePictureError(PictureNotFoundError):
    """A picture given by URL, which this reader does not fetch."""

    code = "remote_picture"


class PictureFetchError(VisualSearchError):
    """A picture on the web that could not be had: no answer, or another one than a picture."""

    code = "fetch_failed"


class FetchRefusedError(PictureFetchError):
    """An address that this program does not connect to."""

    code = "fetch_refused"


class FetchTimeoutError(PictureFetchError):
    """No whole answer within the time limits."""

    code = "fetch_timeout"


class FetchNotFoundError(PictureFetchError):
    """The web server says that there is no such picture (any more)."""

    code = "fetch_not_found"


class FetchNotAPictureError(PictureFetchError):
    """The web server answers with something that is not a picture."""

    code = "fetch_not_a_picture"


class FetchHostDownError(PictureFetchError):
    """A web server that failed to answer too often in a row, and is not asked again."""

    code = "fetch_host_down"


class FetchCancelledError(PictureFetchError):
    """The fetching was ended while the picture was waited for."""

    code = "fetch_cancelled"


class PictureWriteError(VisualSearchError):
    """A picture cannot be kept: full disk, read-only folder."""

    code = "picture_write"


class CatalogError(VisualSearchError):
    """The catalogue as a whole cannot be read."""

    code = "invalid_catalog"


class CatalogNotFoundError(CatalogError):
    """No such file or folder."""

    code = "catalog_not_found"


class CatalogColumnsError(CatalogError):
    """A table without the columns a reader needs."""

    code = "wrong_columns"


class ArchiveError(CatalogError):
    """A ZIP archive that is damaged, or made to deceive."""

    code = "invalid_archive"


class ArchiveTooLargeError(ArchiveError):
    """More files, or more bytes when unpacked, than the limits."""

    code = "archive_too_large"


class ArchiveEncryptedError(ArchiveError):
    """An archive that needs a password."""

    code = "archive_encrypted"


class RowError(CatalogError):
    """One bad row: it is reported with its line number and the rest goes on.

    `unread` where nobody can tell which products stood there: they are not known to be gone.
    """

    code = "bad_row"

    def __init__(
        self, message: str, *, line: int | None, code: str = "bad_row", unread: bool = False
    ) -> None:
        super().__init__(message)
        self.line = line
        self.row_code = code
        self.unread = unread

    def __str__(self) -> str:
        where = "" if self.line is None else f"line {self.line}: "
        return f"{where}{self.args[0]}"


class QueriesError(VisualSearchError):
    """An evaluation's query file cannot be used."""

    code = "invalid_queries"


class TooFewPicturesError(VisualSearchError):
    """The stores have too little in them, or in common, to be measured with their own pictures."""

    code = "too_few_pictures"


class ExtractorError(VisualSearchError):
    """An extractor cannot be made."""

    code = "extractor_unavailable"


class UnknownExtractorError(ExtractorError):
    """No extractor of that name."""

    code = "unknown_extractor"


class DependencyMissingError(ExtractorError):
    """A package that an adapter needs is not installed."""

    code = "dependency_missing"


class VideosUnavailableError(DependencyMissingError):
    """The package that reads videos is not installed."""

    code = "videos_unavailable"


class WeightsUnavailableError(ExtractorError):
    """Weights are neither here nor can they be downloaded."""

    code = "weights_unavailable"


class InvalidWeightsError(ExtractorError):
    """A weights file that does not fit the network."""

    code = "invalid_weights"


class DetectorError(VisualSearchError):
    """A detector cannot be made."""

    code = "detector_unavailable"


class UnknownDetectorError(DetectorError):
    """No detector of that name."""

    code = "unknown_detector"


class DetectorUnavailableError(DetectorError):
    """A detector's package or weights are neither here nor can they be downloaded."""

    code = "detector_unavailable"


class StoreError(VisualSearchError):
    """The feature store cannot be used."""

    code = "store_error"


class StoreNotFoundError(StoreError):
    """No store in that folder."""

    code = "store_not_found"


class StoreEmptyError(StoreError):
    """A store without pictures."""

    code = "store_empty"


class StoreCorruptError(StoreError):
    """Files of the store are missing, torn or of another format."""

    code = "store_corrupt"


class StoreLockedError(StoreError):
    """Another process writes to the store."""

    code = "store_locked"


class StoreWriteError(StoreError):
    """The store's folder cannot be written: full disk, read-only folder."""

    code = "store_write"


class FingerprintMismatchError(StoreError):
    """The store was made by another extractor."""

    code = "fingerprint_mismatch"


class MetricError(StoreError):
    """The store tells its distances in another metric, or cannot tell them in the wanted one."""

    code = "metric_mismatch"


class AdaptationError(VisualSearchError):
    """A catalogue's own space cannot be learned, or not be read."""

    code = "adaptation_error"


class HelperError(VisualSearchError):
    """A process apart, in which work is done that may end it, gives no answer."""

    code = "helper_error"


class HelperUnavailableError(HelperError):
    """No such process can be started."""

    code = "helper_unavailable"


class HelperEndedError(HelperError):
    """The process ended while it was asked: its work made it."""

    code = "helper_ended"


class HelperTooSlowError(HelperError):
    """No answer in time; the process was ended."""

    code = "helper_too_slow"


class UnknownProductError(VisualSearchError):
    """No product of that id."""

    code = "unknown_product"


class InvalidChangeError(VisualSearchError):
    """A change of the catalogue that would leave it without sense."""

    code = "invalid_change"


class InvalidProductError(InvalidChangeError):
    """The description of a product cannot be used."""

    code = "invalid_product"


class PeopleError(VisualSearchError):
    """Pictures of people cannot be searched, or not be enrolled."""

    code = "people_error"


class PeopleUnavailableError(PeopleError):
    """What reads faces is not installed."""

    code = "people_unavailable"


class UnknownSubjectError(PeopleError):
    """No face is kept of that person or group."""

    code = "unknown_subject"


class EnrolmentError(PeopleError):
    """A picture of somebody that cannot be kept for searches."""

    code = "not_enrolled"


class UnknownCollectionError(VisualSearchError):
    """No collection of that id."""

    code = "unknown_collection"


class CollectionEmptyError(VisualSearchError):
    """The collection has no pictures yet."""

    code = "collection_empty"


class InvalidNameError(VisualSearchError):
    """No name that a collection could have."""

    code = "invalid_name"


class NameTakenError(InvalidNameError):
    """Another collection has that name."""

    code = "name_taken"


class UnknownJobError(VisualSearchError):
    """No job of that id."""

    code = "unknown_job"


class JobCancelledError(VisualSearchError):
    """Somebody asked for the job to end."""

    code = "cancelled"


class InvalidQueryError(VisualSearchError):
    """A search parameter out of its range."""

    code = "invalid_query"


class NoTextSideError(InvalidQueryError):
    """The store's extractor knows no words, and they name nothing that the catalogue has."""

    code = "no_text_side"


class NoEmphasisError(InvalidQueryError):
    """The store's vectors have no parts that could count more or less."""

    code = "no_emphasis"


class ConfigError(VisualSearchError):
    """A setting that cannot be used."""

    code = "invalid_config"


class PathNotAllowedError(VisualSearchError):
    """A path outside the folders that may be read."""

    code = "path_not_allowed"


class IndexEngineError(VisualSearchError):
    """A search engine of its own, beside this program, that does not do what it should."""

    code = "index_error"


class IndexUnreachableError(IndexEngineError):
    """The engine cannot be reached."""

    code = "index_unreachable"


class IndexTimeoutError(IndexEngineError):
    """The engine does not answer in time."""

    code = "index_timeout"


class IndexMismatchError(IndexEngineError):
    """What the engine holds belongs to another store."""

    code = "index_mismatch"


class TextSearchError(VisualSearchError):
    """Searching by words is not possible here: SQLite without FTS5, nowhere to keep the index."""

    code = "text_search_unavailable"


class TextIndexBuildingError(TextSearchError):
    """The words of a large catalogue are still being indexed."""

    code = "text_index_building"
