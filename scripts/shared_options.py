"""Options that several scripts have, and what their texts may be."""

import argparse

from features.errors import ConfigError
from features.extractors import NO_WEIGHTS, Weights


def add_weights_option(parser: argparse.ArgumentParser) -> None:
    """Let the person say where extractors find their weights."""
    parser.add_argument(
        "--weights",
        type=_weights,
        default=NO_WEIGHTS,
        metavar="PATH",
        help="weights of extractors that need some: a file for vgg16 or resnet50 (Keras's .h5 "
        "format), the folder of an image-text model; NAME=PATH,NAME=PATH where each has its own",
    )


def positive(text: str) -> int:
    """A whole number from 1.

    Raises:
        ArgumentTypeError: it is none.
    """
    if not (text.isascii() and text.isdigit() and int(text) >= 1):
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number from 1")
    return int(text)


def _weights(text: str) -> Weights:
    try:
        return Weights.parse(text)
    except ConfigError as error:
        raise argparse.ArgumentTypeError(str(error)) from error
