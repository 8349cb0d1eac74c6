"""Changes of the catalogue, and imports."""

from collections.abc import Mapping

from features import errors as family
from server.access.admin import AdminKeyError, WritesDisabledError
from server.openapi.operation import JSON, MULTIPART, Body, Operation
from server.openapi.problems import COMPUTING, DETECTOR, FETCH, PHOTO, STORE, Problems
from server.openapi.schemas import addresses, jobs, products

_ADMIN: Problems = (AdminKeyError, WritesDisabledError)
_CHANGE: Problems = (
    *_ADMIN,
    *COMPUTING,
    family.StoreLockedError,
    family.StoreWriteError,
    *STORE,
)
_FEED: Problems = (
    family.InvalidQueryError,
    family.CatalogError,
    family.CatalogNotFoundError,
    family.CatalogColumnsError,
    family.ArchiveError,
    family.ArchiveTooLargeError,
    family.ArchiveEncryptedError,
    family.RowError,
)
_PRODUCT = {"title": "Blue Mug", "category": "Home > Mugs", "price": "12.50", "currency": "EUR"}
_LOCATION = {"Location": {"description": "The job's address.", "schema": {"type": "string"}}}

OPERATIONS: Mapping[str, Operation] = {
    "api.put_product": Operation(
        id="put_product",
        tag="Products",
        summary="Add or replace a product",
        description="Every search that begins after the answer sees it. Members that are left out "
        "become empty; without `images` and files the pictures stay.",
        answers={
            200: ("It is replaced.", products.ProductChanged),
            201: ("It is added.", products.ProductChanged),
        },
        problems=(
            family.InvalidProductError,
            *PHOTO,
            *FETCH,
            *DETECTOR,
            family.PictureNotFoundError,
            family.PictureOutsideCatalogError,
            family.RemotePictureError,
            family.PictureWriteError,
            family.InvalidChangeError,
            *_CHANGE,
        ),
        parameters=(("path", addresses.ProductPath),),
        bodies={
            JSON: Body(
                products.SentProduct,
                examples={"the pictures stay": _PRODUCT},
            ),
            MULTIPART: Body(
                products.ProductForm,
                {"product": {"contentType": JSON}},
            ),
        },
        admin=True,
    ),
    "api.delete_product": Operation(
        id="delete_product",
        tag="Products",
        summary="Delete a product",
        description="With all its pictures.",
        answers={200: ("It is gone.", products.ProductDeleted)},
        problems=(family.UnknownProductError, *_CHANGE),
        parameters=(("path", addresses.ProductPath),),
        admin=True,
    ),
    "api.delete_picture": Operation(
        id="delete_picture",
        tag="Products",
        summary="Delete a picture of a product",
        description="The later ones move up. The only one stays.",
        answers={200: ("It is gone.", products.PictureDeleted)},
        problems=(
            family.UnknownProductError,
            family.PictureNotFoundError,
            family.InvalidChangeError,
            *_CHANGE,
        ),
        parameters=(("path", addresses.PicturePath),),
        admin=True,
    ),
    "api.import_catalog": Operation(
        id="import_catalog",
        tag="Imports",
        summary="Import a feed",
        description="In the background; imports run one after the other.",
        answers={202: ("It is queued.", jobs.JobAnswer)},
        problems=(*_FEED, *_CHANGE),
        bodies={MULTIPART: Body(jobs.FeedForm, {"feed": {"contentType": "text/csv"}})},
        admin=True,
        headers={202: _LOCATION},
    ),
    "api.jobs": Operation(
        id="list_jobs",
        tag="Imports",
        summary="The latest imports",
        description="The newest first, without their failures.",
        answers={200: ("The imports.", jobs.JobsAnswer)},
        problems=(*_ADMIN, *STORE),
        admin=True,
    ),
    "api.job": Operation(
        id="show_job",
        tag="Imports",
        summary="Show an import",
        description="How far it is, what it did, and which rows failed.",
        answers={200: ("The import.", jobs.JobAnswer)},
        problems=(family.UnknownJobError, *_ADMIN, *STORE),
        parameters=(("path", addresses.JobPath),),
        admin=True,
    ),
    "api.cancel_job": Operation(
        id="cancel_job",
        tag="Imports",
        summary="Cancel an import",
        description="It ends within moments; what it has stored stays.",
        answers={202: ("It will end.", jobs.JobAnswer)},
        problems=(
            family.UnknownJobError,
            family.InvalidChangeError,
            family.StoreWriteError,
            *_ADMIN,
            *STORE,
        ),
        parameters=(("path", addresses.JobPath),),
        admin=True,
    ),
}
