"""As many processes apart as there is work for, kept for the next."""

import atexit
import logging
import os
import threading
from contextlib import suppress
from functools import cache

from features.closing import Closing
from features.cores import usable_cores
from features.errors import HelperEndedError, HelperTooSlowError, HelperUnavailableError
from features.isolation.aside import aside
from features.isolation.process import HelperProcess, HelperRestedError
from features.isolation.wire import Message

_log = logging.getLogger(__name__)


class Helpers(Closing):
    """Processes that run one module. Thread-safe; who finds all of them busy waits.

    None is started before it is needed, and one that ends takes nothing but its question with it.
    """

    def __init__(self, module: str, most: int) -> None:
        self._module = module
        self._room = threading.Semaphore(most)
        self._idle: list[HelperProcess] = []

    def ask(self, question: Message, *, patience_s: float, most: int) -> Message:
        """The answer of one of them.

        Args:
            patience_s: for the work alone, without the waiting for a process that is free.
            most: bytes that the answer may have.

        Raises:
            HelperEndedError: the work ended its process.
            HelperTooSlowError: it took too long.
            HelperUnavailableError: no process can be started.
        """
        self._room.acquire()
        with aside():  # whoever comes back from there waits, and must not keep the room meanwhile
            try:
                return self._answered(question, patience_s, most)
            finally:
                self._room.release()

    @property
    def idle(self) -> list[int]:
        """The ids of the processes that wait for work."""
        return [helper.pid for helper in self._idle]

    def close(self) -> None:
        """End those that wait for work."""
        while self._idle:
            self._idle.pop().close()

    def _answered(self, question: Message, patience_s: float, most: int) -> Message:
        while (helper := self._rested()) is not None:
            with suppress(HelperRestedError):
                return self._asked(helper, question, patience_s, most)
        try:
            return self._asked(HelperProcess(self._module), question, patience_s, most)
        except HelperRestedError as error:
            raise HelperUnavailableError(f"the process of {self._module} ends at once") from error

    def _rested(self) -> HelperProcess | None:
        """The one that was used last: those that are not needed get old and end."""
        try:
            return self._idle.pop()
        except IndexError:
            return None

    def _asked(
        self, helper: HelperProcess, question: Message, patience_s: float, most: int
    ) -> Message:
        try:
            answer = helper.ask(question, patience_s=patience_s, most=most)
        except BaseException as error:
            helper.close()
            _tell(error, question)
            raise
        self._idle.append(helper)
        return answer


def helpers(module: str) -> Helpers:
    """The process's own helpers that run a module: two, or one for each core if there are more."""
    return _helpers_of(os.getpid(), module)


@cache
def _helpers_of(pid: int, module: str) -> Helpers:
    """Those of a process that this one was forked from belong to that one."""
    found = Helpers(module, most=max(2, usable_cores()))
    atexit.register(found.close)
    return found


def _tell(error: BaseException, question: Message) -> None:
    if isinstance(error, HelperEndedError | HelperTooSlowError):
        size = len(question.body)
        _log.warning("a decoder failed over a file of %d bytes: %s", size, error)
