"""`/api/v1/products/ID`: show, put and delete one product; delete one of its pictures."""

from collections.abc import Sequence

from flask import Response, jsonify, request

from features.changes import Change
from features.errors import UnknownProductError
from features.types import GalleryPicture, Product
from server.access.admin import admin_only, is_admin
from server.api.fields import as_product
from server.api.product_fields import product_from, sent_pictures
from server.pictures.catalog import picture_url
from server.services.collections import refuse_in_form
from server.services.editing import current_editing
from server.services.loading import current_service, current_settings
from server.traffic.admission import take_turn


def show(product_id: str) -> Response:
    """A product with its pictures, as searches would find it now.

    Where the pictures come from is told only with the admin key.
    """
    view = current_service().view
    product = view.products.get(product_id)
    if product is None:
        raise UnknownProductError(f"There is no product {product_id!r}.")
    pictures = [view.pictures[row] for row in view.rows_of(product_id)]
    shown = _with_pictures(product, pictures, places=is_admin())
    return jsonify(index_version=view.version, product=shown)


@admin_only
def put(product_id: str) -> tuple[Response, int]:
    """JSON, or a multipart form of `product` (JSON) and files named `image`."""
    _allow_pictures()
    refuse_in_form()
    product, locations = product_from(request, product_id)
    uploads = sent_pictures(request)
    take_turn()
    with current_editing().editor() as editor:
        change = editor.put(product, locations, uploads)
    answer = _changed(change, created=change.created, product=_shown(change))
    return answer, 201 if change.created else 200


@admin_only
def delete(product_id: str) -> Response:
    """The product with all its pictures."""
    take_turn()
    with current_editing().editor() as editor:
        change = editor.delete(product_id)
    return _changed(change, deleted=product_id)


@admin_only
def delete_picture(product_id: str, number: int) -> Response:
    """One picture, counted from 0; the later ones move up."""
    take_turn()
    with current_editing().editor() as editor:
        change = editor.delete_picture(product_id, number)
    return _changed(change, product=_shown(change))


def _allow_pictures() -> None:
    """Let through a product with pictures, which is larger than the photo of a search."""
    settings = current_settings()
    form = request.mimetype == "multipart/form-data"
    request.max_content_length = settings.max_product_bytes if form else settings.max_form_bytes


def _changed(change: Change, **members: object) -> Response:
    """The versions of the stores that have the change, and more."""
    versions = dict(change.versions)
    return jsonify(index_version=change.version, index_versions=versions, **members)


def _shown(change: Change) -> dict[str, object] | None:
    if change.product is None:  # somebody else has deleted it meanwhile
        return None
    return _with_pictures(change.product, change.pictures, places=True)


def _with_pictures(
    product: Product, pictures: Sequence[GalleryPicture], *, places: bool
) -> dict[str, object]:
    images = [
        {"n": n, "url": picture_url(picture)} | ({"location": picture.location} if places else {})
        for n, picture in enumerate(pictures)
    ]
    return {**as_product(product), "images": images}
