"""What the stories of `mailbot demo` are told with.

Every step is checked against what really came back; a step that did not happen ends the story with StoryBroken.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from mailbot.demo.world import Mail, World
from mailbot.text import printable

TARO = ("通関 太郎", "taro@naxtrade.example")
ICHIRO = ("審査 一郎", "ichiro@desk.example")
RYOKO = ("審査 良子", "ryoko@desk.example")


class StoryBroken(Exception):
    """A step of the story did not happen."""


@dataclass
class Teller:
    """Prints the story, and keeps each mail as .eml and .html."""

    folder: Path
    say: Callable[[str], None]
    step: int = 0
    files: int = 0

    def chapter(self, title: str) -> None:
        self.step += 1
        self.say(f"\n── {self.step}. {title} " + "─" * 10)

    def sent(self, who: tuple[str, str], subject: str, text: str, answer: str) -> None:
        self.say(f"  {who[0]} <{who[1]}> → desk   Subject: {subject}")
        self._lines(text.splitlines(), "    │ ")
        self.say(f"    SMTP: {answer}")

    def got(self, mail: Mail, important: Sequence[str]) -> None:
        self.files += 1
        stem = self.folder / f"{self.files:02d}-{mail.kind}-{mail.to.partition('@')[0]}"
        stem.with_suffix(".eml").write_bytes(mail.raw)
        stem.with_suffix(".html").write_text(mail.html, encoding="utf-8")
        self.say(f"  desk → {mail.to}   {mail.subject}")
        lines = [line for line in mail.text.splitlines() if any(word in line for word in important)]
        self._lines(lines[:8], "    ┃ ")
        for part in mail.message.iter_attachments():
            paper = self.folder / f"{stem.name}-{part.get_filename()}"
            paper.write_bytes(part.get_payload(decode=True) or b"")  # type: ignore[arg-type]
            self.say(f"    {paper}")
        self.say(f"    {stem.with_suffix('.eml')}  (+ .html)")

    def _lines(self, lines: Sequence[str], mark: str) -> None:
        for line in lines:
            if line.strip():
                self.say(mark + printable(line))


def reply(world: World, teller: Teller, who: tuple[str, str], to: Mail, text: str, quote: str) -> None:
    subject = f"Re: {to.subject}"
    teller.sent(who, subject, text, world.send(*who, subject, text + quote, answering=to))


def gmail_quote(mail: Mail) -> str:
    quoted = "\n".join(f"> {line}" for line in mail.text.splitlines())
    return f"\n2026年11月20日(金) 10:00 申込受付デスク <desk@desk.example>:\n\n{quoted}\n"


def outlook_quote(mail: Mail) -> str:
    head = (
        "差出人: 申込受付デスク <desk@desk.example>\n送信日時: 2026年11月20日 10:00\n"
        f"宛先: {mail.to}\n件名: {mail.subject}"
    )
    return f"\n________________________________\n{head}\n\n{mail.text}\n"


def mail_to(mails: Sequence[Mail], who: tuple[str, str]) -> Mail:
    return next(mail for mail in mails if mail.to == who[1])


def expect(mails: Sequence[Mail], kinds: Sequence[str], to: set[str] | None = None) -> None:
    if sorted(mail.kind for mail in mails) != sorted(kinds):
        raise StoryBroken(f"expected {sorted(kinds)}, got {[(mail.kind, mail.to, mail.subject) for mail in mails]}")
    if to is not None and {mail.to for mail in mails} != to:
        raise StoryBroken(f"expected mail to {sorted(to)}, got {[(mail.kind, mail.to) for mail in mails]}")
