"""From a request to photo bytes. Only the bytes count: no name or type that a client claims."""

import io
from typing import IO

from flask import Request, current_app
from werkzeug.datastructures import FileStorage

from features.errors import (
    InvalidQueryError,
    PictureTooLargeError,
    VideoTooLargeError,
    VisualSearchError,
)
from features.images import PictureLimits
from features.types import Box
from features.videos import is_video
from server.services.loading import current_settings

FIELD = "image"


class MissingPhotoError(VisualSearchError):
    """The request carries no photo."""

    code = "missing_image"


class PhotoRequest(Request):
    """A request whose photos stay in memory: a file on the disk would cost more than it saves.

    Forms above what a photo may weigh (videos, catalogues, many pictures) go to disk.
    """

    def _get_file_stream(
        self,
        total_content_length: int | None,
        content_type: str | None,
        filename: str | None = None,
        content_length: int | None = None,
    ) -> IO[bytes]:
        limit: int = current_app.config["PHOTO_MEMORY_BYTES"]
        if total_content_length is not None and total_content_length <= limit:
            return io.BytesIO()
        return super()._get_file_stream(
            total_content_length, content_type, filename, content_length
        )


def photo_from(request: Request, limits: PictureLimits) -> bytes:
    """The bytes of the uploaded photo.

    Raises:
        MissingPhotoError: there is no file in the field `image`.
        PictureTooLargeError: the file is above the byte limit.
    """
    refuse_text(request)
    upload = request.files.get(FIELD)
    if upload is None:
        raise MissingPhotoError(
            f"There is no photo in the request; send one as the file {FIELD!r} of a "
            "multipart/form-data form."
        )
    return photo_bytes(upload, limits)


def refuse_text(request: Request) -> None:
    """Raises: MissingPhotoError: where a photo should be there is text."""
    if FIELD in request.form:
        raise MissingPhotoError(f"The field {FIELD!r} holds text; send the photo as a file.")


def photo_bytes(upload: FileStorage, limits: PictureLimits) -> bytes:
    """The bytes of one uploaded file, a photo or a video.

    Raises:
        MissingPhotoError: no file was chosen.
        PictureTooLargeError, VideoTooLargeError: the file is above its byte limit.
    """
    data = upload.stream.read(limits.max_bytes + 1)
    if not data and not upload.filename:
        raise MissingPhotoError("No photo was chosen; choose one and search again.")
    if len(data) > limits.max_bytes and is_video(data):
        return _large_video(upload, data)
    if len(data) > limits.max_bytes:
        raise PictureTooLargeError(
            f"The photo has more than the {limits.max_bytes / 1e6:.1f} MB allowed; "
            "send a smaller one."
        )
    return data


def _large_video(upload: FileStorage, begun: bytes) -> bytes:
    """The rest of a video, which may be larger than a photo."""
    most = current_settings().video_max_bytes
    data = begun + upload.stream.read(max(0, most + 1 - len(begun)))
    if len(data) > most:
        raise VideoTooLargeError(
            f"The video has more than the {most / 1e6:.1f} MB allowed; send a shorter one."
        )
    return data


def file_from(request: Request, field: str, what: str) -> FileStorage:
    """A file of a form that is no photo; `what` is its kind, as people call it.

    Raises:
        InvalidQueryError: there is none in that field.
    """
    upload = request.files.get(field)
    if upload is None or not upload.filename:
        raise InvalidQueryError(
            f"There is no {what} in the request; send it as the file {field!r} of a "
            "multipart/form-data form."
        )
    return upload


def choice_from(request: Request) -> Box | int | None:
    """The part of the photo that is asked for: `box=x1,y1,x2,y2` (shares of 1) or `item=N`.

    Raises:
        InvalidQueryError: both, or one that cannot be understood.
    """
    box, item = request.values.get("box", ""), request.values.get("item", "")
    if box and item:
        raise InvalidQueryError("Send either box or item, not both.")
    if box:
        return box_of(box.split(","), 1.0, f"box is {box[:60]!r}")
    if not item:
        return None
    if not (item.isascii() and item.isdigit()):
        raise InvalidQueryError(f"item is {item[:20]!r}; it must be the number of an item.")
    return int(item[:9])


def box_of(sides: list[str], whole: float, shown: str) -> Box:
    """A box from left, top, right and bottom, where `whole` is the photo's full width or height.

    Raises:
        InvalidQueryError: no four numbers, outside the photo, or empty.
    """
    try:
        return Box(*(float(side) / whole for side in sides)).checked()
    except (ValueError, TypeError, InvalidQueryError) as error:  # TypeError: not four of them
        raise InvalidQueryError(
            f"{shown}; it must be left, top, right and bottom, each from 0 to {whole:g}, "
            "with left < right and top < bottom."
        ) from error
