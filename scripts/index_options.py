"""The options of scripts that search: which index, and where a Milvus is."""

import argparse
import os

from features.index import DEFAULT_INDEX, index_names
from features.index.milvus import MILVUS, MilvusAddress

_URI, _TOKEN, _PREFIX = (f"VISUAL_SEARCH_MILVUS_{name}" for name in ("URI", "TOKEN", "PREFIX"))


def add_index_options(parser: argparse.ArgumentParser) -> None:
    """Add `--index` and where a Milvus is."""
    parser.add_argument(
        "--index",
        default=DEFAULT_INDEX,
        choices=[*index_names(), MILVUS],
        help="%(default)s; milvus needs --milvus-uri",
    )
    add_milvus_options(parser)


def add_milvus_options(parser: argparse.ArgumentParser) -> None:
    """Add where a Milvus is; its token comes from the environment: no process list shows it."""
    parser.add_argument(
        "--milvus-uri",
        default=os.environ.get(_URI, ""),
        metavar="URI",
        help=f"http://HOST:19530, or the path of a Milvus Lite file that ends in .db (${_URI}); "
        f"a token is read from ${_TOKEN}",
    )
    parser.add_argument(
        "--milvus-prefix",
        default=os.environ.get(_PREFIX) or MilvusAddress.prefix,
        metavar="NAME",
        help=f"what this shop's collections begin with (${_PREFIX})",
    )
    parser.add_argument(
        "--milvus-timeout",
        type=float,
        default=MilvusAddress.timeout,
        metavar="SECONDS",
        help="%(default)g; how long one operation may take, reconnecting included",
    )


def chosen_milvus(arguments: argparse.Namespace) -> MilvusAddress:
    """The Milvus that the options name.

    Raises:
        ConfigError: no address is named, or the prefix cannot be part of a name.
    """
    return MilvusAddress(
        arguments.milvus_uri,
        os.environ.get(_TOKEN, ""),
        arguments.milvus_prefix,
        arguments.milvus_timeout,
    )
