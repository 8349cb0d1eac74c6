"""The JSON API, version 1: one file per resource."""

from flask import Blueprint

from server.api.search import detect, search

blueprint = Blueprint("api", __name__)
blueprint.post("/search")(search)
blueprint.post("/detect")(detect)
