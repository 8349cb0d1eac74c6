"""`adaptation.npz`: an adaptation in the folder of the store that it made."""

import io
import json
from pathlib import Path
from typing import Any

import numpy as np

from features.adaptation.adaptation import Adaptation
from features.errors import AdaptationError
from features.store import naming_write_errors, replace_file

ADAPTATION = "adaptation.npz"
FORMAT = 1
_ABOUT = ("method", "extractor", "fingerprint", "pictures", "classes")


def write_adaptation(folder: Path, adaptation: Adaptation) -> None:
    """Keep an adaptation in the folder of a store.

    Raises:
        StoreWriteError: the folder cannot be written.
    """
    about = {name: getattr(adaptation, name) for name in _ABOUT}
    about |= {"format": FORMAT, "digest": adaptation.digest}
    buffer = io.BytesIO()
    np.savez(
        buffer,
        about=np.array(json.dumps(about)),
        mean=adaptation.mean,
        projection=adaptation.projection,
    )
    with naming_write_errors(folder):
        replace_file(folder, ADAPTATION, buffer.getvalue())


def read_adaptation(folder: Path) -> Adaptation | None:
    """The adaptation of a store; None of one that has none.

    Raises:
        AdaptationError: the file is damaged or of another format.
    """
    try:
        content = (folder / ADAPTATION).read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise _unreadable(folder, error) from error
    try:
        return _parsed(content)
    except Exception as error:  # numpy and zipfile raise anything on damaged data
        raise _unreadable(folder, error) from error


def _parsed(content: bytes) -> Adaptation:
    with np.load(io.BytesIO(content), allow_pickle=False) as parts:
        about: dict[str, Any] = json.loads(str(parts["about"]))
        if about["format"] != FORMAT:
            raise ValueError(f"format {about['format']}, this program reads {FORMAT}")
        adaptation = Adaptation(
            mean=parts["mean"],
            projection=parts["projection"],
            method=str(about["method"]),
            extractor=str(about["extractor"]),
            fingerprint=str(about["fingerprint"]),
            pictures=int(about["pictures"]),
            classes=int(about["classes"]),
        )
    if adaptation.mean.shape != adaptation.projection.shape[:1]:
        raise ValueError("its parts do not fit each other")
    if adaptation.digest != about["digest"]:
        raise ValueError("it is not as it was written")
    return adaptation


def _unreadable(folder: Path, error: Exception) -> AdaptationError:
    return AdaptationError(
        f"{folder / ADAPTATION} cannot be read ({error}); restore it, or go back to the plain "
        "store with scripts/adapt.py --roll-back"
    )
