"""The errors of a server that has more to do than it can."""

from features.errors import VisualSearchError


class BusyError(VisualSearchError):
    """More is asked than can be answered; the header Retry-After says when to come again."""


class ServerBusyError(BusyError):
    """More searches at once than can be answered soon; Retry-After says when to come again."""

    code = "server_busy"


class UploadsBusyError(BusyError):
    """More uploads at once than can be received; Retry-After says when to come again."""

    code = "uploads_busy"


class DeadlinePassedError(BusyError):
    """The answer would have come later than anybody waits for it; it was given up."""

    code = "deadline_passed"


class ClientGoneError(BusyError):
    """Nobody waits for the answer any more."""

    code = "client_gone"
