"""Imports that go on while the server answers: queued, run one by one, resumed after a crash."""

from features.jobs.collections import create_collection, delete_collection, latest_jobs
from features.jobs.job import Job, JobState
from features.jobs.runner import run_jobs
from features.jobs.shelf import JobShelf

__all__ = [
    "Job",
    "JobShelf",
    "JobState",
    "create_collection",
    "delete_collection",
    "latest_jobs",
    "run_jobs",
]
