"""Pictures of the same person."""

from collections.abc import Mapping

from features import errors as family
from server.access.admin import AdminKeyError, WritesDisabledError
from server.openapi.operation import MULTIPART, Body, Operation
from server.openapi.problems import COMPUTING, PHOTO, Problems
from server.openapi.schemas import people
from server.query.uploads import MissingPhotoError
from server.services.people import PeopleOffError

_PEOPLE: Problems = (
    PeopleOffError,
    AdminKeyError,
    WritesDisabledError,
    family.StoreCorruptError,
)

OPERATIONS: Mapping[str, Operation] = {
    "api.search_people": Operation(
        id="search_people",
        tag="People",
        summary="Find pictures of the people of a photo",
        description="Of each face, or of the chosen one, the pictures of people who agreed to it. "
        "The photo is not kept. Names are told only with an admin key, and where the shop says so "
        "nothing is told without.",
        answers={200: ("The faces, and what they find.", people.PeopleAnswer)},
        problems=(
            MissingPhotoError,
            family.InvalidQueryError,
            *PHOTO,
            family.PeopleUnavailableError,
            *COMPUTING,
            *_PEOPLE,
        ),
        bodies={MULTIPART: Body(people.PeopleForm)},
    ),
    "api.subject": Operation(
        id="show_subject",
        tag="People",
        summary="What is kept of a subject",
        description="Every face, but for its vector.",
        answers={200: ("What is kept.", people.SubjectAnswer)},
        problems=(family.UnknownSubjectError, *_PEOPLE),
        parameters=(("path", people.SubjectPath),),
        admin=True,
    ),
    "api.delete_subject": Operation(
        id="delete_subject",
        tag="People",
        summary="Delete a subject",
        description="Every face of it; the vectors are in no file any more.",
        answers={200: ("It is gone.", people.SubjectDeleted)},
        problems=(
            family.UnknownSubjectError,
            family.StoreLockedError,
            family.StoreWriteError,
            *_PEOPLE,
        ),
        parameters=(("path", people.SubjectPath),),
        admin=True,
    ),
}
