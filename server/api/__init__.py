"""The JSON API, version 1: one file per resource."""

from flask import Blueprint

from server.api import catalog, events, jobs, products, similar
from server.api.search import detect, search

blueprint = Blueprint("api", __name__)
blueprint.post("/search")(search)
blueprint.post("/detect")(detect)
blueprint.post("/events")(events.record)
blueprint.get("/products/<path:product_id>", endpoint="product")(products.show)
blueprint.get("/products/<path:product_id>/similar", endpoint="similar")(similar.similar)
blueprint.put("/products/<path:product_id>", endpoint="put_product")(products.put)
blueprint.delete("/products/<path:product_id>", endpoint="delete_product")(products.delete)
blueprint.delete("/products/<path:product_id>/images/<int:number>", endpoint="delete_picture")(
    products.delete_picture
)
blueprint.post("/catalog")(catalog.import_catalog)
blueprint.get("/jobs", endpoint="jobs")(jobs.list_jobs)
blueprint.get("/jobs/<job_id>", endpoint="job")(jobs.show_job)
blueprint.delete("/jobs/<job_id>", endpoint="cancel_job")(jobs.cancel_job)
