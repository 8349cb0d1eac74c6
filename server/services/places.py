"""Places that the settings name, looked at before the server starts."""

import os
from pathlib import Path

from features.errors import ConfigError


def check_store(folder: Path) -> None:
    """Refuse a place where no store could be read; one that is yet to be made is fine.

    Raises:
        ConfigError: there is a file, or the folder may not be entered.
    """
    try:
        os.scandir(f"{folder}/.").close()  # by a way through it: to list it is not enough
    except FileNotFoundError:
        return
    except OSError as error:
        raise ConfigError(f"VISUAL_SEARCH_STORE is {folder}: {_problem(error)}") from error


def _problem(error: OSError) -> str:
    match error:
        case PermissionError():
            return (
                f"user {os.geteuid()}, as whom the server runs, may not enter and list this "
                "folder; change its permissions, or those of the folders above it"
            )
        case NotADirectoryError():
            return "there is a file where a folder should be; name the store's folder"
        case _:
            return f"it cannot be read: {error.strerror}"
