"""The exceptions of the program: temporary and permanent errors, each with a public text and a detail for operators.

Expected outcomes (a wrong date, an unknown office) are values, never exceptions.
"""

from datetime import datetime


class MailbotError(Exception):
    """An error.

    `public` may be shown to anybody: fixed texts without addresses, paths or the text of an exception.
    `detail` is for operators: log lines and the command line.
    """

    def __init__(self, public: str, detail: str = "") -> None:
        super().__init__(public)
        self.public = public
        self.detail = detail or public


class Temporary(MailbotError):
    """An error that may pass: a locked store, a full disk, a relay that is down.  The operation is retried later."""


class Busy(Temporary):
    """The operation would have had to wait for another one; nothing was done."""


class NotYet(Temporary):
    """The operation is valid, but not possible before the instant `until`."""

    def __init__(self, public: str, detail: str, until: datetime) -> None:
        super().__init__(public, detail)
        self.until = until


class Permanent(MailbotError):
    """An error that a retry does not resolve: the input, the configuration or the system has to be changed first."""


class ConfigError(Permanent):
    """The configuration is invalid.  `public` lists every problem, one per line, with its key."""


class UsageError(Permanent):
    """A command was called with a value that is invalid or unknown; `public` names what is expected."""
