"""Whether a server of weights answers at all, found out within seconds."""

import queue
import threading
from http.client import HTTPException
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

_REACH_SECONDS = 5.0


def require_reachable(url: str) -> None:
    """Ask for the headers only, in a thread: name resolution can hang past any socket timeout.

    Raises:
        OSError: no answer, or one that refuses.
        HTTPException: something else than HTTP answers.
    """
    answers: queue.SimpleQueue[OSError | HTTPException | None] = queue.SimpleQueue()

    def ask() -> None:
        try:
            asked = Request(url, method="HEAD")  # noqa: S310 - a publisher's, or set by the shop
            with urlopen(asked, timeout=_REACH_SECONDS):  # noqa: S310
                answers.put(None)
        except (OSError, HTTPException) as error:
            answers.put(error)

    threading.Thread(target=ask, name="weights-probe", daemon=True).start()
    try:
        error = answers.get(timeout=_REACH_SECONDS)
    except queue.Empty:
        raise TimeoutError(
            f"no answer from {urlsplit(url).hostname} within {_REACH_SECONDS:g} s"
        ) from None
    if error is not None:
        raise error


def reason(error: Exception) -> str:
    """The cause in a few words, without the wrapping that urllib puts around it."""
    if isinstance(error, HTTPError):
        error.close()  # it holds the connection open
        return f"HTTP status {error.code}"
    return str(getattr(error, "reason", error)) or type(error).__name__
