"""What is unpacked while it is read, as a stream."""

import io
from abc import abstractmethod
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer


class UnpackedStream(io.RawIOBase):
    """A stream of bytes that `unpack` gives, piece by piece."""

    @abstractmethod
    def unpack(self, size: int) -> bytes:
        """The next bytes, at most that many; none at the end."""

    def readable(self) -> bool:
        """Always."""
        return True

    def readinto(self, buffer: "WriteableBuffer") -> int:
        """See `io.RawIOBase.readinto`."""
        view = memoryview(buffer).cast("B")
        data = self.unpack(len(view))
        view[: len(data)] = data
        return len(data)
