"""Imports that go on while the server answers: queued, run one by one, resumed after a crash."""

from features.jobs.job import Job, JobState
from features.jobs.runner import run_jobs
from features.jobs.shelf import JobShelf

__all__ = ["Job", "JobShelf", "JobState", "run_jobs"]
