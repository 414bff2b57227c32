"""The output of `mailbot demo`, and the checks and replies that its scenarios share.

Each scenario compares the notices it receives with those it expects; a difference ends it with DemoFailed.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from mailbot.demo.environment import Environment, Mail
from mailbot.demo.story import Story
from mailbot.text import printable

TARO = ("通関 太郎", "taro@naxtrade.example")
ICHIRO = ("審査 一郎", "ichiro@desk.example")
RYOKO = ("審査 良子", "ryoko@desk.example")
HANAKO_ADDRESS = "hanako@naxtrade.example"
Decisive = Sequence[str]  # a line that contains one of these is printed


class DemoFailed(Exception):
    """A step of a scenario did not have the expected result."""


@dataclass
class Transcript:
    """Prints the steps of the scenarios, and writes each received mail into `folder` as .eml and .html."""

    folder: Path
    write: Callable[[str], None]  # one line
    story: Story
    steps: int = 0
    files: int = 0

    def step(self, name: str) -> None:
        """Print the sentences of a step."""
        self.steps += 1
        ja, en = self.story.step(name)
        self.write(f"\n── {self.steps} " + "─" * 70)
        self.write(ja)
        self.write(en)

    def say(self, name: str, **values: object) -> None:
        """Print another sentence of the story, in both languages."""
        for line in self.story.said(name, **values):
            self.write(f"  {line}")

    def mail_sent(self, who: tuple[str, str], subject: str, text: str, reply: str, decisive: Decisive = ("",)) -> None:
        """Print the decisive lines of a mail to the desk; `reply`: the SMTP reply to DATA.

        Raises DemoFailed unless the desk has accepted it.
        """
        if not reply.startswith("250 "):
            raise DemoFailed(f"the desk refused the mail {subject!r}: {reply}")
        self.write(f"\n  {self.story.people[who[1]].named} → {self.story.desk}   {printable(subject)}")
        self._lines(text, decisive, "    │ ")

    def notices(self, mails: Sequence[Mail], decisive: Mapping[str, Decisive]) -> None:
        """Print each notice once, with all its addressees and its decisive lines, and write the files of every mail.

        `decisive`: by the kinds of notices, in the order in which they are printed.
        """
        order, people = list(decisive), list(self.story.people)
        in_order = sorted(mails, key=lambda mail: (mail.receipt, order.index(mail.kind), people.index(mail.to)))
        for (kind, subject), group in groupby(in_order, key=lambda mail: (mail.kind, mail.subject)):
            copies = list(group)
            written = [self._files(mail) for mail in copies]
            self.write(f"  {self.story.desk} → {self.story.names([mail.to for mail in copies])}")
            self.write(f"    {printable(subject)}")
            self._lines(copies[0].text, decisive[kind], "    ┃ ")
            self.write(f"      {'  + '.join(written[0])}")

    def _files(self, mail: Mail) -> list[str]:
        """Write a mail as .eml and .html, and its attachments; returns what is to be opened: .html, attachments."""
        self.files += 1
        stem = f"{self.files:02d}-{mail.kind}-{mail.to.partition('@')[0]}"
        (self.folder / f"{stem}.eml").write_bytes(mail.raw)
        (self.folder / f"{stem}.html").write_text(mail.html, encoding="utf-8")
        names = [f"mails/{stem}.html"]
        for part in mail.message.iter_attachments():
            name = str(part.get_filename())
            (self.folder / f"{stem}-{name}").write_bytes(part.get_payload(decode=True) or b"")  # type: ignore[arg-type]
            names.append(f"…-{name}")
        return names

    def _lines(self, text: str, decisive: Decisive, mark: str) -> None:
        for line in text.splitlines():
            if line.strip() and any(one in line for one in decisive):
                self.write(mark + printable(line))


def send_reply(
    environment: Environment,
    transcript: Transcript,
    who: tuple[str, str],
    to: Mail,
    text: str,
    quote: str,
    decisive: Decisive = ("",),
) -> None:
    """Reply to the notice `to`, with `quote` below the text."""
    subject = f"Re: {to.subject}"
    transcript.mail_sent(who, subject, text, environment.send(*who, subject, text + quote, in_reply_to=to), decisive)


def gmail_quote(mail: Mail) -> str:
    """The text of `mail`, quoted as Gmail does."""
    quoted = "\n".join(f"> {line}" for line in mail.text.splitlines())
    return f"\n2026年11月20日(金) 10:00 申込受付デスク <desk@desk.example>:\n\n{quoted}\n"


def outlook_quote(mail: Mail) -> str:
    """The text of `mail`, quoted as Outlook does."""
    head = (
        "差出人: 申込受付デスク <desk@desk.example>\n送信日時: 2026年11月20日 10:00\n"
        f"宛先: {mail.to}\n件名: {mail.subject}"
    )
    return f"\n________________________________\n{head}\n\n{mail.text}\n"


def mail_to(mails: Sequence[Mail], who: tuple[str, str]) -> Mail:
    """The mail to this person."""
    return next(mail for mail in mails if mail.to == who[1])


def mail_of_kind(mails: Sequence[Mail], kind: str) -> Mail:
    """The mail of this kind.  To different people the desk delivers in any order."""
    return next(mail for mail in mails if mail.kind == kind)


def expect(mails: Sequence[Mail], kinds: Sequence[str], to: set[str] | None = None) -> None:
    """Raise DemoFailed unless these are the kinds of the mails, and `to` their recipients."""
    if sorted(mail.kind for mail in mails) != sorted(kinds):
        raise DemoFailed(f"expected {sorted(kinds)}, got {[(mail.kind, mail.to, mail.subject) for mail in mails]}")
    if to is not None and {mail.to for mail in mails} != to:
        raise DemoFailed(f"expected mail to {sorted(to)}, got {[(mail.kind, mail.to) for mail in mails]}")
