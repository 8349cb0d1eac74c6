"""From distances to similarities that mean the same in every store."""

from features.similarity.calibrating import calibrate_store, calibration_of
from features.similarity.curve import CALIBRATION, Calibration, fit, read_calibration
from features.similarity.sampling import Samples, sample_distances
from features.similarity.weighting import stretched

__all__ = [
    "CALIBRATION",
    "Calibration",
    "Samples",
    "calibrate_store",
    "calibration_of",
    "fit",
    "read_calibration",
    "sample_distances",
    "stretched",
]
