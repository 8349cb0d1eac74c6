"""Make, list and revoke the API keys of a shop; the server sees a change with its next request.

The file is the server's VISUAL_SEARCH_KEYS; it holds digests, so that a key is shown only once.
"""

import argparse
import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from scripts.bootstrap import use_project_python

if __name__ == "__main__":
    use_project_python()

from features.errors import VisualSearchError
from server.access.keys import KeyKind, KeyRing

_VARIABLE = "VISUAL_SEARCH_KEYS"


def main() -> int:
    """Exit status: 0 done, 2 not."""
    arguments = _parser().parse_args()
    try:
        ring = KeyRing(arguments.file)
        if arguments.command == "create":
            print(ring.create(KeyKind(arguments.kind), arguments.name, arguments.origin))
        elif arguments.command == "revoke":
            ring.revoke(arguments.id)
        else:
            for key in ring.keys:
                print(key.id, key.kind, key.created, key.name, *key.origins)
    except VisualSearchError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    named = os.environ.get(_VARIABLE)
    parser.add_argument(
        "--file",
        type=Path,
        default=Path(named) if named else None,
        help=f"the file of the keys (${_VARIABLE})",
    )
    commands = parser.add_subparsers(dest="command", required=True)
    create = commands.add_parser("create", help="make a key and print it")
    create.add_argument("kind", choices=list(KeyKind), help="public for pages, admin for changes")
    create.add_argument("--name", default="", help="what it is for")
    create.add_argument(
        "--origin",
        action="append",
        default=[],
        help="a page's origin that may use a public key (https://shop.example); may be repeated",
    )
    revoke = commands.add_parser("revoke", help="forget a key")
    revoke.add_argument("id", help="as 'list' shows it")
    commands.add_parser("list", help="show all keys: id, kind, made, name, origins")
    return parser


if __name__ == "__main__":
    sys.exit(main())
