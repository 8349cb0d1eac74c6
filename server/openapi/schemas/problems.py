"""Errors, as RFC 9457 has them."""

from server.openapi.schemas.base import Answer, text, whole


class Problem(Answer):
    """`code` is stable; `detail` names the cause and the way out."""

    title = text("The status in words.", "Bad Request")
    status = whole("The status.", minimum=400, maximum=599)
    code = text("What happened, for programs.", "invalid_query")
    detail = text("What happened, for people.", "limit is '0'; it must be a whole number ...")
