"""What a thread has while it computes, and gives away while a process apart works for it."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from contextvars import ContextVar

Aside = Callable[[], AbstractContextManager[object]]
_aside: ContextVar[Aside] = ContextVar("aside", default=nullcontext)


@contextmanager
def stepping_aside(aside: Aside) -> Iterator[None]:
    """Inside, whenever this thread waits for a helper's work, it does so within `aside()`."""
    token = _aside.set(aside)
    try:
        yield
    finally:
        _aside.reset(token)


def aside() -> AbstractContextManager[object]:
    """To be waited in; nothing happens in threads that have nothing to give away."""
    return _aside.get()()
