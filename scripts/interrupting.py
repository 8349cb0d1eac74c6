"""How a script ends that is asked to."""

import signal


def interrupt_on_sigterm() -> None:
    """Let SIGTERM, as a service manager sends it, end this script as Ctrl+C does."""
    signal.signal(signal.SIGTERM, _interrupt)


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt
