"""Processes apart, for work that may end its process: a fault in a decoder of hostile bytes."""

from features.isolation.aside import stepping_aside
from features.isolation.pool import Helpers, helpers
from features.isolation.refusals import raise_refusal, refusal
from features.isolation.wire import Message

__all__ = ["Helpers", "Message", "helpers", "raise_refusal", "refusal", "stepping_aside"]
