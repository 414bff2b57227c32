"""The output of `mailbot demo`, and the checks and replies that its scenarios share.

Each scenario compares the notices it receives with those it expects; a difference ends it with DemoFailed.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from mailbot.demo.environment import Environment, Mail
from mailbot.text import printable

TARO = ("通関 太郎", "taro@naxtrade.example")
ICHIRO = ("審査 一郎", "ichiro@desk.example")
RYOKO = ("審査 良子", "ryoko@desk.example")


class DemoFailed(Exception):
    """A step of a scenario did not have the expected result."""


@dataclass
class Transcript:
    """Prints the steps of the scenarios, and writes each received mail into `folder` as .eml and .html."""

    folder: Path
    write: Callable[[str], None]  # one line
    steps: int = 0
    files: int = 0

    def step(self, title: str) -> None:
        """Print the heading of a step."""
        self.steps += 1
        self.write(f"\n── {self.steps}. {title} " + "─" * 10)

    def mail_sent(self, who: tuple[str, str], subject: str, text: str, reply: str) -> None:
        """Print a mail to the desk; `reply`: the SMTP reply to DATA."""
        self.write(f"  {who[0]} <{who[1]}> → desk   Subject: {subject}")
        self._lines(text.splitlines(), "    │ ")
        self.write(f"    SMTP: {reply}")

    def mail_received(self, mail: Mail, keywords: Sequence[str]) -> None:
        """Write the files of a notice, and print those of its lines that contain one of `keywords`."""
        self.files += 1
        stem = self.folder / f"{self.files:02d}-{mail.kind}-{mail.to.partition('@')[0]}"
        stem.with_suffix(".eml").write_bytes(mail.raw)
        stem.with_suffix(".html").write_text(mail.html, encoding="utf-8")
        self.write(f"  desk → {mail.to}   {mail.subject}")
        lines = [line for line in mail.text.splitlines() if any(keyword in line for keyword in keywords)]
        self._lines(lines[:8], "    ┃ ")
        for part in mail.message.iter_attachments():
            path = self.folder / f"{stem.name}-{part.get_filename()}"
            path.write_bytes(part.get_payload(decode=True) or b"")  # type: ignore[arg-type]
            self.write(f"    {path}")
        self.write(f"    {stem.with_suffix('.eml')}  (+ .html)")

    def _lines(self, lines: Sequence[str], mark: str) -> None:
        for line in lines:
            if line.strip():
                self.write(mark + printable(line))


def send_reply(
    environment: Environment, transcript: Transcript, who: tuple[str, str], to: Mail, text: str, quote: str
) -> None:
    """Reply to the notice `to`, with `quote` below the text."""
    subject = f"Re: {to.subject}"
    transcript.mail_sent(who, subject, text, environment.send(*who, subject, text + quote, in_reply_to=to))


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
