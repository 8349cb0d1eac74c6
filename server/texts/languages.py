"""Which language a request is answered in, and the texts in it.

That of the parameter `lang`, else that of `Accept-Language`, else the shop's first. Addresses carry
`lang` on only where it was asked for: whoever is sent another one reads it in their own language.
"""

from flask import Flask, Response, g, has_request_context, request

from server.services.loading import current_settings
from server.texts.catalogue import ENGLISH, Language, language, language_codes, nearest

FIELD = "lang"
_PAGES = frozenset(
    {"pages.home", "pages.search", "pages.upload", "people_pages.people", "people_pages.search"}
)
_IN_SHOPS = frozenset(("embed", "widget"))
_ADMIN = "/admin"


def register(app: Flask) -> None:
    """Give templates their texts, and say in every answer which language it is in."""
    app.jinja_env.add_extension("jinja2.ext.i18n")
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]
        lambda text: current_language().texts.gettext(text),
        lambda one, many, count: current_language().texts.ngettext(one, many, count),
        newstyle=True,
        pgettext=lambda context, text: current_language().texts.pgettext(context, text),
        npgettext=lambda context, one, many, count: current_language().texts.npgettext(
            context, one, many, count
        ),
    )
    app.jinja_env.globals["current_language"] = current_language
    app.url_defaults(_stay)
    app.after_request(_said)


def current_language() -> Language:
    """The language of the answer to the request at hand; without one, English."""
    if not has_request_context():
        return language(ENGLISH)
    if "language" not in g:
        g.language = language(_asked() or _accepted() or _codes()[0])
    chosen: Language = g.language
    return chosen


def gettext(text: str, **values: object) -> str:
    """A text in the current language, with its `%(name)s` filled in."""
    said = current_language().texts.gettext(text)
    return said % values if values else said


def asked_language() -> list[tuple[str, str]]:
    """The parameter of the address that asks for a language, if it does, to be carried on."""
    code = request.args.get(FIELD, "")
    return [(FIELD, code)] if code and nearest([code], _codes()) else []


def _codes() -> tuple[str, ...]:
    """The shop's languages; those who run it read English."""
    if request.path.startswith(_ADMIN):
        return (ENGLISH,)
    return current_settings().languages or language_codes()


def _asked() -> str | None:
    """That of the address; what is shown in a shop's page never mixes in another of the browser."""
    tag = request.args.get(FIELD, "")
    usual = _codes()[0] if tag and request.blueprint in _IN_SHOPS else None
    return nearest([tag], _codes()) or usual


def _accepted() -> str | None:
    if len(_codes()) == 1:
        return None
    g.language_negotiated = True
    return nearest([tag for tag, quality in request.accept_languages if quality], _codes())


def _stay(endpoint: str, values: dict[str, object]) -> None:
    """Addresses that an answer names lead to the language that its own asked for."""
    if endpoint in _PAGES:
        values.update({name: code for name, code in asked_language() if name not in values})


def _said(response: Response) -> Response:
    if "language" in g:
        response.content_language.add(g.language.code)
    if g.get("language_negotiated"):
        response.vary.add("Accept-Language")
    return response
