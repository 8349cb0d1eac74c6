"""Options that several scripts have, and what their texts may be."""

import argparse
from pathlib import Path


def add_weights_option(parser: argparse.ArgumentParser) -> None:
    """Let the person bring the weights of an extractor."""
    parser.add_argument(
        "--weights",
        type=Path,
        help="a weights file for vgg16 or resnet50 (Keras's .h5 format), or the folder of an "
        "image-text model",
    )


def positive(text: str) -> int:
    """A whole number from 1.

    Raises:
        ArgumentTypeError: it is none.
    """
    if not (text.isascii() and text.isdigit() and int(text) >= 1):
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number from 1")
    return int(text)
