"""Where converted and downloaded networks are kept."""

import os
import tempfile
from pathlib import Path


def cache_dir() -> Path:
    """VISUAL_SEARCH_CACHE, else the user's cache folder, else (no home) the temporary one."""
    configured = os.environ.get("VISUAL_SEARCH_CACHE")
    if configured:
        return Path(configured)
    try:
        base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    except RuntimeError:  # an account without a home
        base = Path(tempfile.gettempdir())
    return base / "visual-search"
