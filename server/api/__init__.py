"""The JSON API, version 1: one file per resource."""

from flask import Blueprint
from flask.blueprints import BlueprintSetupState
from werkzeug.routing import BaseConverter, PathConverter

from server.api import (
    catalog,
    collections,
    compare,
    events,
    jobs,
    people,
    products,
    similar,
    stats,
    words,
)
from server.api.named import by_parameter
from server.api.search import detect, search
from server.traffic.caching import cacheable


class ProductIdConverter(PathConverter):
    """An id as the catalogue has it, with all its slashes, wherever they are."""

    regex = ".+?"
    part_isolating = False


class LastIdConverter(ProductIdConverter):
    """The same at the end of an address, where what belongs to a product is not its id."""

    regex = r"(?!.*/(?:similar|images/[0-9]+)\Z).+?"


class SubjectConverter(BaseConverter):
    """A person or group, but for the word that asks for a search."""

    regex = r"(?!search\Z)[^/]+"


def _know_ids(state: BlueprintSetupState) -> None:
    state.app.url_map.converters.update(
        id=ProductIdConverter, last_id=LastIdConverter, subject=SubjectConverter
    )


blueprint = Blueprint("api", __name__)
blueprint.record(_know_ids)
blueprint.post("/search")(search)
blueprint.get("/search", endpoint="search_words")(words.search)
blueprint.get("/suggest", endpoint="suggest")(words.suggest)
blueprint.post("/detect")(detect)
blueprint.post("/events")(events.record)
blueprint.post("/compare")(compare.compare)
blueprint.get("/stats")(stats.stats)
_show, _similar = cacheable(products.show), cacheable(similar.similar)
blueprint.get("/products/<last_id:product_id>", endpoint="product")(_show)
blueprint.get("/products/<id:product_id>/similar", endpoint="similar")(_similar)
blueprint.put("/products/<last_id:product_id>", endpoint="put_product")(products.put)
blueprint.delete("/products/<last_id:product_id>", endpoint="delete_product")(products.delete)
blueprint.delete("/products/<id:product_id>/images/<int:number>", endpoint="delete_picture")(
    products.delete_picture
)
blueprint.get("/product", endpoint="named_product")(by_parameter(_show))
blueprint.get("/similar", endpoint="named_similar")(by_parameter(_similar))
blueprint.put("/product", endpoint="put_named_product")(by_parameter(products.put))
blueprint.delete("/product", endpoint="delete_named_product")(by_parameter(products.delete))
blueprint.delete("/product/images/<int:number>", endpoint="delete_named_picture")(
    by_parameter(products.delete_picture)
)
blueprint.post("/people/search", endpoint="search_people")(people.search)
blueprint.get("/people/<subject:subject>", endpoint="subject")(people.show)
blueprint.delete("/people/<subject:subject>", endpoint="delete_subject")(people.delete)
blueprint.post("/catalog")(catalog.import_catalog)
blueprint.post("/collections", endpoint="create_collection")(collections.create)
blueprint.get("/collections", endpoint="collections")(collections.list_collections)
blueprint.get("/collections/<collection_id>", endpoint="collection")(collections.show)
blueprint.patch("/collections/<collection_id>", endpoint="rename_collection")(collections.rename)
blueprint.delete("/collections/<collection_id>", endpoint="delete_collection")(collections.delete)
blueprint.get("/jobs", endpoint="jobs")(jobs.list_jobs)
blueprint.get("/jobs/<job_id>", endpoint="job")(jobs.show_job)
blueprint.post("/jobs/<job_id>/cancel", endpoint="cancel_job")(jobs.cancel_job)
