"""The option `--weights`, the same for every script that has it."""

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


def _weights(text: str) -> Weights:
    try:
        return Weights.parse(text)
    except ConfigError as error:
        raise argparse.ArgumentTypeError(str(error)) from error
