"""Collections: made of a ZIP, listed, renamed, deleted."""

from collections.abc import Mapping

from features import errors as family
from server.access.admin import AdminKeyError, WritesDisabledError
from server.openapi.operation import JSON, MULTIPART, Body, Operation
from server.openapi.problems import STORE, Problems
from server.openapi.schemas import addresses, collections

_ADMIN: Problems = (AdminKeyError, WritesDisabledError, *STORE)
_CHANGE: Problems = (*_ADMIN, family.StoreLockedError, family.StoreWriteError)
_NAME: Problems = (family.InvalidNameError, family.NameTakenError)
_ARCHIVE: Problems = (
    family.InvalidQueryError,
    family.CatalogError,
    family.ArchiveError,
    family.ArchiveTooLargeError,
    family.ArchiveEncryptedError,
)
_PATH = (("path", addresses.CollectionPath),)
_LOCATION = {"Location": {"description": "The collection's.", "schema": {"type": "string"}}}
_ZIP = {"archive": {"contentType": "application/zip"}}

OPERATIONS: Mapping[str, Operation] = {
    "api.create_collection": Operation(
        id="create_collection",
        tag="Collections",
        summary="Create a collection",
        description="Of the pictures of a ZIP, in the background; folders become categories, names "
        "of files titles. Every file that is not used is named in the job, with the reason.",
        answers={202: ("Its import is queued.", collections.CollectionAnswer)},
        problems=(*_ARCHIVE, *_NAME, *_CHANGE),
        bodies={MULTIPART: Body(collections.CollectionForm, _ZIP)},
        admin=True,
        headers={202: _LOCATION},
    ),
    "api.collections": Operation(
        id="list_collections",
        tag="Collections",
        summary="All collections",
        description="The oldest first.",
        answers={200: ("The collections.", collections.CollectionsAnswer)},
        problems=_ADMIN,
        admin=True,
    ),
    "api.collection": Operation(
        id="show_collection",
        tag="Collections",
        summary="Show a collection",
        description="With its import: how far that is, and which files were not used.",
        answers={200: ("The collection.", collections.CollectionAnswer)},
        problems=(family.UnknownCollectionError, *_ADMIN),
        parameters=_PATH,
        admin=True,
    ),
    "api.rename_collection": Operation(
        id="rename_collection",
        tag="Collections",
        summary="Rename a collection",
        description="Its id stays.",
        answers={200: ("It is renamed.", collections.CollectionAnswer)},
        problems=(family.UnknownCollectionError, *_NAME, *_CHANGE),
        parameters=_PATH,
        bodies={JSON: Body(collections.CollectionName)},
        admin=True,
    ),
    "api.delete_collection": Operation(
        id="delete_collection",
        tag="Collections",
        summary="Delete a collection",
        description="With all its pictures; an import that fills it ends.",
        answers={200: ("It is gone.", collections.CollectionDeleted)},
        problems=(family.UnknownCollectionError, *_CHANGE),
        parameters=_PATH,
        admin=True,
    ),
}
