"""Answers that caches may keep: as long as the store and the question stay, so does the answer."""

import hashlib
import json
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec

from flask import Response, request

from features.types import Emphasis
from server.access.admin import is_admin
from server.services.loading import current_loader, current_service

_P = ParamSpec("_P")
_FRESH_SECONDS = 60
_STALE_SECONDS = 600
# Raise it with every change of what an answer holds: caches then ask for whole answers again.
_FORM = 1


def cacheable(view: Callable[_P, Response]) -> Callable[_P, Response]:
    """Let caches keep a view's answer, and confirm it without asking the view again."""

    @wraps(view)
    def cached(*args: _P.args, **kwargs: _P.kwargs) -> Response:
        tag = _tag()
        known = not request.if_none_match.star_tag and request.if_none_match.contains_weak(tag)
        response = Response(status=304) if known else view(*args, **kwargs)
        return _kept(response, tag)

    return cached


def _tag() -> str:
    """Of all that an answer is made of; weak, for the times in it are each answer's own."""
    services = [current_service()]
    if request.args.get("extractor"):
        services.append(current_service(request.args["extractor"]))
    elif request.args.get("emphasis"):
        services.append(current_loader().suited(services[0], Emphasis.COLOUR))
    question = [_FORM, request.path, sorted(request.args.lists()), is_admin()]
    made_of = json.dumps([question, [service.state for service in services]])
    return hashlib.blake2b(made_of.encode(), digest_size=16).hexdigest()


def _kept(response: Response, tag: str) -> Response:
    response.set_etag(tag, weak=True)
    response.vary.add("Authorization")
    if "Authorization" in request.headers:
        response.cache_control.private = True
    else:
        response.cache_control.public = True
    response.cache_control.max_age = _FRESH_SECONDS
    response.cache_control.stale_while_revalidate = _STALE_SECONDS
    return response
