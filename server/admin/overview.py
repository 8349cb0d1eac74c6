"""The overview: one part for each thing that an owner asks."""

from flask import render_template, request

from features.collections import LONGEST_NAME
from features.jobs import latest_jobs
from features.synced import read_synced
from server.admin.catalogue import catalogue
from server.admin.evaluation import evaluation
from server.admin.jobs import latest_listed
from server.admin.machine import machine
from server.admin.stores import stores
from server.admin.trying import choices
from server.services.collections import counted
from server.services.imports import current_imports
from server.services.loading import current_settings
from server.telemetry.health import trouble
from server.telemetry.timings import current_timings


def overview(problem: str = "") -> str:
    """The page; `problem` is why no collection was made."""
    jobs = latest_jobs(current_imports().shelf)
    searches, stages = current_timings().by_stage()
    return render_template(
        "admin/overview.html",
        trouble=trouble(),
        catalogue=catalogue(),
        synced=read_synced(current_settings().store),
        **latest_listed(),
        stores=stores(),
        evaluation=evaluation(),
        machine=machine(),
        searches=searches,
        stages=stages,
        **choices(),
        collections=[(known, jobs.get(known.id), count) for known, count in counted()],
        problem=problem,
        name=request.form.get("name", "") if problem else "",
        longest_name=LONGEST_NAME,
    )
