"""What kind of video some bytes are, told by their beginning alone."""

from pathlib import Path, PurePosixPath

FORMAT_NAMES = "MP4, WebM, MOV or AVI"
SUFFIXES = frozenset({".mp4", ".m4v", ".mov", ".webm", ".mkv", ".avi"})
HEAD_BYTES = 16

# The same container holds HEIC and AVIF pictures, which are no videos.
_PICTURE_BRANDS = frozenset(
    b"heic heix heim heis hevc hevx hevm hevs mif1 msf1 miaf avif avis".split()
)
_FIRST_BOXES = frozenset({b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot"})
_EBML = b"\x1a\x45\xdf\xa3"


def container_of(head: bytes) -> str | None:
    """FFmpeg's name of the container that starts with these bytes; None for what is no video."""
    kind = head[4:8]
    if kind == b"ftyp":
        return None if head[8:12] in _PICTURE_BRANDS else "mov"
    if kind in _FIRST_BOXES:
        return "mov"
    if head.startswith(_EBML):
        return "matroska"
    if head.startswith(b"RIFF") and head[8:12] == b"AVI ":
        return "avi"
    return None


def is_video(data: bytes) -> bool:
    """Whether these bytes begin as a video does; whether it can be watched is not known yet."""
    return container_of(data[:HEAD_BYTES]) is not None


def is_video_file(path: Path) -> bool:
    """The same of a file, of which only the beginning is read; False of what is no file."""
    try:
        if not path.is_file():  # reading a pipe or a device may never end
            return False
        with path.open("rb") as file:
            return is_video(file.read(HEAD_BYTES))
    except (OSError, ValueError):
        return False


def video_suffix(location: str) -> bool:
    """Whether a file name, a path or an address ends as that of a video."""
    return PurePosixPath(location.partition("?")[0]).suffix.lower() in SUFFIXES
