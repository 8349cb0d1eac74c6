"""The vectors as one CSV table, for pandas and spreadsheets."""

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from features.errors import StoreWriteError
from features.store.segments import RowNumbers
from features.store.view import StoreView

if TYPE_CHECKING:
    import pandas as pd

_CHUNK = 2_000


def write_csv(view: StoreView, target: Path) -> int:
    """Write `id,image,f0,f1,...`, one line a picture; return the number of lines.

    Numbers keep the 9 digits that give back the very same float32.
    """
    rows = np.flatnonzero(view.live)
    draft = target.parent / f".{target.name}.draft"
    try:
        with draft.open("w", encoding="utf-8", newline="") as file:
            for start in range(0, max(len(rows), 1), _CHUNK):
                _table(view, rows[start : start + _CHUNK]).to_csv(
                    file,
                    index=False,
                    header=start == 0,
                    float_format="%.9g",
                    lineterminator="\r\n",  # as in RFC 4180; see tables.py
                )
        draft.replace(target)
    except OSError as error:
        raise StoreWriteError(f"{target} cannot be written: {error.strerror}") from error
    finally:  # an interrupted one too, of up to many gigabytes
        with contextlib.suppress(OSError):
            draft.unlink()
    return len(rows)


def _table(view: StoreView, rows: RowNumbers) -> "pd.DataFrame":
    import pandas as pd

    pictures = [view.pictures[row] for row in rows.tolist()]
    table = pd.DataFrame(view.vectors(rows), columns=[f"f{n}" for n in range(view.spec.dim)])
    table.insert(0, "id", [picture.product_id for picture in pictures])
    table.insert(1, "image", [picture.location for picture in pictures])
    return table
