"""The two kinds of surprise, each with words for the public and words for the operator.

Expected outcomes (a wrong date, an unknown office) are values, never exceptions.
"""

from datetime import datetime


class MailbotError(Exception):
    """A surprise.

    `public` may be shown to anybody: fixed words, no addresses, no paths, no exception text.
    `detail` is for the operator's log only.
    """

    def __init__(self, public: str, detail: str = "") -> None:
        super().__init__(public)
        self.public = public
        self.detail = detail or public


class Temporary(MailbotError):
    """May go away by itself: a locked store, a full disk, a relay that is down.  Try again later."""


class NotYet(Temporary):
    """Not before `until`; nothing is wrong with what was asked."""

    def __init__(self, public: str, detail: str, until: datetime) -> None:
        super().__init__(public, detail)
        self.until = until


class Permanent(MailbotError):
    """Will not go away by trying again: somebody has to change something first."""


class ConfigError(Permanent):
    """The configuration cannot be used.  `public` lists every problem, one per line, with its key."""


class UsageError(Permanent):
    """A command was asked for something that does not exist; `public` says what does."""
