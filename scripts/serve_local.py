"""Answer programs on this machine: which pictures in its folders look like this one?

    curl "http://127.0.0.1:5001/add?image=/home/me/photos"
    curl "http://127.0.0.1:5001/search?image=/home/me/photo.jpg&limit=5"
    curl "http://127.0.0.1:5001/stats"

Only this machine can ask, only a program (a web page's requests are refused), and only for
pictures below the allowed folders. The database stays in the folder of the stores: what was added
is there at once after a restart.
"""

import argparse
import logging
import os
import signal
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from scripts.bootstrap import use_project_python

if __name__ == "__main__":
    use_project_python()

# Before numpy is first imported, as in server/wsgi.py: threads of requests run side by side.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from features.errors import VisualSearchError
from features.extractors import extractor_names
from scripts.interrupting import interrupt_on_sigterm
from scripts.ports import port_number
from scripts.shared_options import add_weights_option
from server.local import create_local_app
from server.local.daemon import Daemon, LocalSettings
from server.local.serving import HOST, local_server

_PORT = 5001


def main() -> int:
    """Exit status: 0 asked to end, 2 the settings or the stores cannot be used."""
    arguments = _parser().parse_args()
    logging.basicConfig(format="%(message)s", level=logging.WARNING)
    interrupt_on_sigterm()
    try:
        _serve(_settings(arguments), arguments.port)
    except VisualSearchError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        pass
    return 0


def _serve(settings: LocalSettings, port: int) -> None:
    daemon = Daemon(settings)
    server = local_server(create_local_app(daemon), port)

    def end(*_: object) -> None:
        daemon.gallery.end()
        raise KeyboardInterrupt

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, end)
    print(f"ready: http://{HOST}:{server.port}", flush=True)
    server.serve_forever()


def _settings(arguments: argparse.Namespace) -> LocalSettings:
    return LocalSettings(
        store=arguments.store,
        allowed=tuple(arguments.allow),
        extractors=tuple(dict.fromkeys(arguments.extractor)),
        weights=arguments.weights,
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--store", type=Path, required=True, help="the folder of the stores")
    parser.add_argument(
        "--allow",
        type=Path,
        required=True,
        action="append",
        metavar="FOLDER",
        help="pictures below it may be added and searched with; may be repeated",
    )
    parser.add_argument(
        "--port", type=port_number, default=_PORT, help="%(default)s; 0 for a free one"
    )
    parser.add_argument(
        "--extractor",
        action="append",
        default=[],
        choices=extractor_names(),
        help="one database for each; may be repeated, the first is the default (those that there "
        "are; efficientnet_lite2_shop at first)",
    )
    add_weights_option(parser)
    return parser


if __name__ == "__main__":
    sys.exit(main())
