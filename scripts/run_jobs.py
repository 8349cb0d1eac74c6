"""Run the import jobs that were sent to the server; the server starts this by itself.

The settings are the server's: VISUAL_SEARCH_STORE and the others. Ends when nothing is left.
"""

import argparse
import logging.config
import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from scripts.bootstrap import use_project_python

if __name__ == "__main__":
    use_project_python()

from features.errors import VisualSearchError
from features.jobs import run_jobs
from features.logs import logging_config
from features.store import StoreSet
from scripts.interrupting import interrupt_on_sigterm
from server.config import Settings
from server.services.editing import sync_options
from server.services.imports import Imports

_NICENESS = 5  # searches first


def main() -> int:
    """Exit status: 0 all is done, 1 asked to end, 2 the settings or the folder cannot be used."""
    argparse.ArgumentParser(description=__doc__).parse_args()
    interrupt_on_sigterm()
    os.nice(_NICENESS)
    try:
        settings = Settings.from_environment()
        logging.config.dictConfig(logging_config(settings.log_level, settings.log_format))
        shelf = Imports(settings).shelf
        run_jobs(shelf, StoreSet(settings.store), sync_options(settings))
    except VisualSearchError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
