"""Syncs of an SQLite write-ahead log by descriptors of our own, outside of the commit.

Linux reports data that could not be written to each open file description once (fsync(2)): of two threads that sync by
the same one, only the first is told.  So each thread has its own, opened before what it has to sync is written.
"""

import os
import threading
from pathlib import Path

from mailbot.files import sync_folder


class _Descriptor:
    """Closed when nothing refers to it any more, as after the end of its thread."""

    def __init__(self, number: int) -> None:
        self.number = number

    def __del__(self) -> None:
        os.close(self.number)


class WalSync:
    """The descriptors of a log, one for each thread that syncs it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._of_thread = threading.local()

    @property
    def is_open(self) -> bool:
        """Whether this thread has a descriptor."""
        return hasattr(self._of_thread, "descriptor")

    def open(self) -> None:
        """Before this thread commits what it will sync.  The name of the log is durable then.  Raises OSError."""
        if not self.is_open:
            sync_folder(self.path.parent)
            self._of_thread.descriptor = _Descriptor(os.open(self.path, os.O_RDONLY | os.O_CLOEXEC))

    def sync(self) -> None:
        """All commits until now are on the disk: what a checkpoint has moved to the database, SQLite has synced.

        Raises OSError; whether what was written is on the disk cannot be known then.
        """
        descriptor = self._of_thread.descriptor
        os.fdatasync(descriptor.number)

    def close(self) -> None:
        """Close the descriptors, each as soon as no sync uses it."""
        self._of_thread = threading.local()
