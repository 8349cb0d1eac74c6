"""What a page says of an error that a shopper can cause, by the error's code.

Programs read the English message of the API; on pages it stands in for codes that are not here.
"""

from features.images import PictureLimits
from server.services.loading import current_settings
from server.texts.catalogue import N_
from server.texts.formatting import number
from server.texts.languages import gettext

PROBLEMS = {
    "missing_image": N_("No photo was chosen; choose one and search again."),
    "empty_picture": N_("This file is empty; choose it again."),
    "not_a_picture": N_("This is not a picture that can be read; choose another file."),
    "broken_picture": N_("This picture is damaged or cut short; save or choose it again."),
    "picture_too_large": N_(
        "This photo is larger than the %(photo_mb)s MB allowed; choose a smaller one."
    ),
    "too_many_pixels": N_(
        "This picture has more pixels than the %(megapixels)s million allowed; "
        "choose a smaller one."
    ),
    "picture_too_small": N_(
        "This is too small to show anything: each side needs at least %(least_side)s pixels."
    ),
    "not_a_video": N_("This is not a video that can be read; choose another file."),
    "broken_video": N_("This video is damaged or cut short; save or choose it again."),
    "video_too_large": N_(
        "This video is larger than the %(video_mb)s MB allowed; choose a shorter one."
    ),
    "video_too_long": N_(
        "This video is longer than the %(video_seconds)s seconds allowed; choose a shorter one."
    ),
    "video_too_slow": N_("This video takes too long to read; choose a shorter one."),
    "videos_unavailable": N_("Videos cannot be searched with here; choose a photo."),
    "image_token_gone": N_("Your photo is no longer kept here; choose it again."),
    "unknown_product": N_("This product is no longer sold here."),
    "unknown_collection": N_("There is no such collection."),
    "collection_empty": N_("This collection has no pictures to search yet."),
    "people_off": N_("This page is switched off here."),
    "foreign_form": N_("This form was sent by another site; open the page and try again."),
    "not_found": N_("There is no page at this address."),
    "method_not_allowed": N_("There is no page at this address."),
    "too_many_requests": N_("You searched very often in a short time; try again in a moment."),
    "server_busy": N_("Many people are searching right now; try again in a moment."),
    "uploads_busy": N_("Many people are sending photos right now; try again in a moment."),
    "deadline_passed": N_("This took too long and was given up; try again in a moment."),
    "store_empty": N_("The shop has no searchable pictures yet."),
    "store_not_found": N_("The shop's catalogue is not set up for search yet."),
    "text_index_building": N_(
        "The words of the catalogue are being indexed; try again in a moment."
    ),
    "text_search_unavailable": N_("Searching by words is not available here."),
    "picture_not_found": N_("There is no such picture."),
    "picture_outside_catalog": N_("There is no such picture."),
    "people_unavailable": N_("Finding people is not installed here."),
    "internal_error": N_("Something went wrong here; please try again."),
    "unavailable": N_("Visual search is not available at the moment."),
}


def told(code: str) -> str:
    """What to say of an error; nothing of one that only its own message can tell."""
    text = PROBLEMS.get(code)
    return gettext(text, **_values()) if text else ""


def told_of_all() -> dict[str, str]:
    """What to say of each, by its code."""
    values = _values()
    return {code: gettext(text, **values) for code, text in PROBLEMS.items()}


def _values() -> dict[str, str]:
    settings = current_settings()
    return {
        "photo_mb": number(settings.max_bytes / 1e6),
        "megapixels": number(settings.max_pixels / 1e6),
        "least_side": number(PictureLimits.min_side),
        "video_mb": number(settings.video_max_bytes / 1e6),
        "video_seconds": number(settings.video_seconds),
    }
