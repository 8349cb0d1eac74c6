"""Who may look for people here: nobody, unless the shop switched it on."""

from flask import Flask, current_app

from features.errors import ConfigError, PeopleUnavailableError, VisualSearchError
from features.people import PeopleSearch, check_installed
from server.access.admin import check_admin
from server.config import PEOPLE_FOR_ADMINS, PEOPLE_FOR_ALL, PEOPLE_OFF, Settings
from server.services.loading import current_settings


class PeopleOffError(VisualSearchError):
    """Finding people is switched off, or open to admins alone."""

    code = "people_off"


def register(app: Flask) -> None:
    """Make the search ready where it is switched on; nothing is loaded before its first use.

    Raises:
        ConfigError: it is switched on, but not installed.
    """
    settings: Settings = app.extensions["settings"]
    app.extensions["people"] = PeopleSearch(
        settings.people_store, settings.people_threshold, settings.limits
    )
    if settings.people == PEOPLE_OFF:
        return
    try:
        check_installed()
    except PeopleUnavailableError as error:
        raise ConfigError(f"VISUAL_SEARCH_PEOPLE is {settings.people!r}, but {error}") from error


def current_people() -> PeopleSearch:
    """The running application's search for people.

    Raises:
        PeopleOffError: it is switched off.
    """
    if current_settings().people == PEOPLE_OFF:
        raise PeopleOffError(
            "Finding people is switched off here; VISUAL_SEARCH_PEOPLE=admin or all switches it on."
        )
    people: PeopleSearch = current_app.extensions["people"]
    return people


def people_for_caller() -> PeopleSearch:
    """The same, for whoever sends the request at hand.

    Raises:
        PeopleOffError: it is switched off.
        AdminKeyError: it is open to admins alone, and the request carries no admin key.
    """
    people = current_people()
    if current_settings().people == PEOPLE_FOR_ADMINS:
        check_admin()
    return people


def people_for_all() -> PeopleSearch:
    """The same, for pages.

    Raises:
        PeopleOffError: it is not open to everybody.
    """
    people = current_people()
    if current_settings().people != PEOPLE_FOR_ALL:
        raise PeopleOffError("This page is open where VISUAL_SEARCH_PEOPLE is all.")
    return people
