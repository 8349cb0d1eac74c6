"""Catalogue to store: only what the store lacks is done, and what it no longer needs goes."""

from features.pipeline.build import build_store
from features.pipeline.plan import SyncPlan, plan_sync
from features.pipeline.report import BuildSummary, Progress

__all__ = ["BuildSummary", "Progress", "SyncPlan", "build_store", "plan_sync"]
