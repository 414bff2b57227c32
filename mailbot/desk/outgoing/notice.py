"""A notice as a value: what it says, to whom, and what a reply to it is about.  `enqueue` turns it into a mail."""

from collections.abc import Iterable
from dataclasses import dataclass

from mailbot.model.application import Application
from mailbot.model.daily_list import ListItem
from mailbot.model.notice import Addressee, NoticeKind
from mailbot.notices.contents.base import Content


@dataclass(frozen=True)
class AboutApplication:
    """A reply acts on this application, at its present revision."""

    application: Application


@dataclass(frozen=True)
class AboutDigest:
    """A reply decides line by line on these applications."""

    applications: tuple[Application, ...]


@dataclass(frozen=True)
class AboutMail:
    """A reply says whether its author wrote the mail with this inbox number."""

    mail_id: int


@dataclass(frozen=True)
class AboutInquiry:
    """A reply answers the inquiry with this number; it is filed with `application`, if it is about one."""

    mail_id: int
    application: Application | None = None


@dataclass(frozen=True)
class AboutDailyList:
    """A reply acts line by line on these items."""

    items: tuple[ListItem, ...]


About = AboutApplication | AboutDigest | AboutMail | AboutInquiry | AboutDailyList


@dataclass(frozen=True)
class Notice:
    """One copy of a notice, for one person.  `about` is None where a reply is an ordinary mail to the desk."""

    content: Content
    to: Addressee
    about: About | None = None

    @property
    def kind(self) -> NoticeKind:
        return self.content.kind

    @property
    def application(self) -> Application | None:
        """The application that the notice is filed with, or None."""
        return self.about.application if isinstance(self.about, AboutApplication | AboutInquiry) else None


def notices_to(addressees: Iterable[Addressee], content: Content, about: Application | None) -> tuple[Notice, ...]:
    """The same content to each of `addressees`, one copy each, answerable about the application `about`."""
    subject = AboutApplication(about) if about is not None else None
    return tuple(Notice(content, to, subject) for to in addressees)
