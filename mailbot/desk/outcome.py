"""What came of a request: a disposition with its reason, and the notices that are owed."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial

from mailbot.model.application import Application
from mailbot.model.notice import Addressee, NoticeKind, Words
from mailbot.model.post import Disposition

# Writes one copy: for whom, and the reply address that carries the token made for this very copy.
Write = Callable[[Addressee, str], Words]


@dataclass(frozen=True)
class Owed:
    """One notice to one person, not yet written; `write` takes the reply address."""

    kind: NoticeKind
    to: Addressee
    write: Callable[[str], Words]
    application: Application | None = None
    lines: tuple[Application, ...] = ()  # of a digest: what its reply may decide


@dataclass(frozen=True)
class Outcome:
    """The end of handling one mail.  `reason` is a short code (`submitted`, `sender-not-registered`)."""

    disposition: Disposition
    reason: str
    notices: tuple[Owed, ...] = ()
    application: Application | None = None
    detail: str = ""


def owed_to(
    kind: NoticeKind, addressees: Iterable[Addressee], application: Application | None, write: Write
) -> tuple[Owed, ...]:
    """The same notice to each of `addressees`, one copy each."""
    return tuple(Owed(kind, to, partial(write, to), application) for to in addressees)
