"""Serve the demo shop, which embeds the widgets of a running visual search.

    python scripts/storefront.py --search http://127.0.0.1:5000 --port 5050

The search must allow the shop's origin: VISUAL_SEARCH_ORIGINS=http://127.0.0.1:5050
"""

import argparse
import logging
import signal
import sys
import threading
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from scripts.bootstrap import use_project_python

if __name__ == "__main__":
    use_project_python()

from werkzeug.serving import make_server

from scripts.demo_shop import create_shop
from scripts.ports import port_number


def main() -> int:
    """Serve until it is ended."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--search", default="http://127.0.0.1:5000", help="%(default)s")
    parser.add_argument("--port", type=port_number, default=5050, help="%(default)s")
    options = parser.parse_args()
    logging.getLogger("werkzeug").setLevel(logging.WARNING)
    shop = create_shop(options.search.rstrip("/"))
    server = make_server("127.0.0.1", options.port, shop, threaded=True)
    # shutdown() waits for the loop, which runs in this very thread.
    signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=server.shutdown).start())
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        pass
    finally:
        server.server_close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
