"""The options `--detector` and `--detector-weights`, the same for every script that has them."""

import argparse
import contextlib
import sys
from pathlib import Path

from features.detection import (
    DEFAULT_DETECTOR,
    Detector,
    DetectorOptions,
    detector_names,
    load_detector,
)


def add_detector_options(parser: argparse.ArgumentParser) -> None:
    """Let the person choose a detector and its weights."""
    parser.add_argument(
        "--detector",
        default=DEFAULT_DETECTOR,
        choices=detector_names(),
        help="what finds items in pictures (%(default)s)",
    )
    parser.add_argument(
        "--detector-weights",
        type=Path,
        default=DetectorOptions().weights,
        help="a weights file or an exported folder (%(default)s)",
    )


def detector_options(arguments: argparse.Namespace) -> DetectorOptions:
    """What the arguments say about the detector."""
    return DetectorOptions(weights=arguments.detector_weights)


def chosen_detector(arguments: argparse.Namespace) -> Detector:
    """Load the detector that the arguments name.

    Raises:
        DetectorUnavailableError: its package or its weights are not to be had.
    """
    # Ultralytics announces its loading on stdout, where the figures of a script belong.
    with contextlib.redirect_stdout(sys.stderr):
        return load_detector(arguments.detector, detector_options(arguments))
