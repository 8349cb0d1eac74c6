"""A process apart that does what it is told, however bad: `python -m` this module."""

import os
import signal
import struct
import sys
import time

from features.isolation import Message
from features.isolation.wire import WireClosedError, wire_between

HEADS = {"mumble": b"{", "list": b"[]", "nest": b"[" * 100_000}


def main() -> None:
    wire = wire_between(0, 1)
    while True:
        try:
            said = wire.receive(10_000_000)
        except WireClosedError:
            return
        do = said.head["do"]
        if do == "die":
            os.kill(os.getpid(), signal.SIGSEGV)
        if do == "hang":
            time.sleep(60)
        if do == "babble":
            say(b"\xff" * 100)
        if do in HEADS:
            say(struct.pack("<II", len(HEADS[do]), 0) + HEADS[do])
        answer = {"pid": os.getpid(), "environment": sorted(os.environ)}
        time.sleep(said.head.get("seconds", 0.0))
        wire.send(Message(answer, said.body))
        if do == "rest":
            return


def say(data: bytes) -> None:
    os.set_blocking(1, True)
    os.write(1, data)


if __name__ == "__main__":
    main()
    sys.exit(0)
