"""`/api/v1/products/ID`: show, put and delete one product; delete one of its pictures."""

from flask import Response, jsonify, request

from features.changes import Change
from features.errors import UnknownProductError
from features.types import GalleryPicture, Product
from server.admin import admin_only
from server.api.answers import as_product
from server.api.product_fields import product_from, sent_pictures
from server.editing import current_editing
from server.loading import current_service
from server.pictures import picture_url


def show(product_id: str) -> Response:
    """A product with its pictures, as searches would find it now."""
    view = current_service().view
    product = view.products.get(product_id)
    if product is None:
        raise UnknownProductError(f"There is no product {product_id!r}.")
    pictures = [view.pictures[row] for row in view.rows_of(product_id)]
    return jsonify(index_version=view.version, product=_with_pictures(product, pictures))


@admin_only
def put(product_id: str) -> tuple[Response, int]:
    """JSON, or a multipart form of `product` (JSON) and files named `image`."""
    product, locations = product_from(request, product_id)
    uploads = current_editing().keep(sent_pictures(request))
    if locations is not None or uploads:
        locations = [*(locations or []), *uploads]
    change = current_editing().editor().put(product, locations)
    shown = _with_pictures(product, change.pictures)
    answer = jsonify(**_versions(change), created=change.created, product=shown)
    return answer, 201 if change.created else 200


@admin_only
def delete(product_id: str) -> Response:
    """The product with all its pictures."""
    change = current_editing().editor().delete(product_id)
    return jsonify(**_versions(change), deleted=product_id)


@admin_only
def delete_picture(product_id: str, number: int) -> Response:
    """One picture, counted from 0; the later ones move up."""
    change = current_editing().editor().delete_picture(product_id, number)
    if change.product is None:  # the last picture cannot be deleted, so this product was
        raise UnknownProductError(f"There is no product {product_id!r} any more.")
    return jsonify(**_versions(change), product=_with_pictures(change.product, change.pictures))


def _versions(change: Change) -> dict[str, object]:
    return {"index_version": change.version, "extractors": dict(change.versions)}


def _with_pictures(
    product: Product, pictures: "list[GalleryPicture] | tuple[GalleryPicture, ...]"
) -> dict[str, object]:
    shown = [
        {"n": number, "url": picture_url(picture), "location": picture.location}
        for number, picture in enumerate(pictures)
    ]
    return {**as_product(product), "images": shown}
