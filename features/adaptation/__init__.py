"""A space of a catalogue's own, learned from the vectors of its pictures."""

from features.adaptation.adaptation import Adaptation
from features.adaptation.fitting import Method, fit
from features.adaptation.saved import ADAPTATION, read_adaptation, write_adaptation
from features.adaptation.validation import Verdict, validate, validate_scenes

__all__ = [
    "ADAPTATION",
    "Adaptation",
    "Method",
    "Verdict",
    "fit",
    "read_adaptation",
    "validate",
    "validate_scenes",
    "write_adaptation",
]
