"""How a script ends that is asked to."""

import signal
import sys

INTERRUPTED = 130
"""The exit status of what Ctrl+C ended, as shells have it."""


def interrupt_on_sigterm() -> None:
    """Let SIGTERM, as a service manager sends it, end this script as Ctrl+C does."""
    signal.signal(signal.SIGTERM, _interrupt)


def interrupted(advice: str) -> int:
    """Say that this script was ended, and how to go on; its exit status."""
    print(f"\ninterrupted; {advice}", file=sys.stderr)
    return INTERRUPTED


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt
