"""The story that `mailbot demo` tells: one パスワード初期化 from a mistyped form to 確認完了.

Every step is checked against what really came back; a step that did not happen ends the story with StoryBroken.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from mailbot.clock import SystemClock
from mailbot.demo.world import Mail, World
from mailbot.desk.operators import find_application, reveal_passwords
from mailbot.model.lifecycle import State
from mailbot.text import printable

TARO = ("通関 太郎", "taro@naxtrade.example")
ICHIRO = ("審査 一郎", "ichiro@desk.example")
RYOKO = ("審査 良子", "ryoko@desk.example")

APPLICATION = """\
お世話になっております。第一営業部の通関です。
下記のとおり申し込みます。

手続：パスワード初期化
事業所コード：NAC001

【申込内容】
利用者コード：１ＡＮＡＣ
識別番号：AOA
パスワード初期化の希望理由：担当者の交代時に引き継ぎがなく、失念したため
NACCS反映タイミング：最短の日程で登録を希望
備考：

よろしくお願いいたします。
"""


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
        self.say(f"    {stem.with_suffix('.eml')}  (+ .html)")

    def _lines(self, lines: Sequence[str], mark: str) -> None:
        for line in lines:
            if line.strip():
                self.say(mark + printable(line))


def tell(world: World, teller: Teller) -> str:
    """Play the whole story; returns the receipt number.  Raises StoryBroken or TimeoutError."""
    teller.chapter("通関 太郎 applies, and types the letter O for a zero")
    invalid = _apply(world, teller)
    teller.chapter("He replies with the one line that was wrong")
    receipt, first_request = _submit(world, teller, invalid)
    teller.chapter("審査 一郎 asks for a fix")
    asked = _ask(world, teller, first_request)
    teller.chapter("通関 太郎 answers below the quoted mail of Outlook")
    second_requests = _correct(world, teller, asked)
    teller.chapter("審査 良子 decides on the mail she had before: nothing changes, she sees the new content")
    third_request = _late_decision(world, teller, first_request)
    teller.chapter("審査 一郎 approves")
    _approve(world, teller, second_requests[ICHIRO[1]])
    teller.chapter("審査 良子 approves a moment later: the first decision has won")
    _too_late(world, teller, third_request)
    teller.chapter("What the operator sees")
    _look(world, teller, receipt)
    return receipt


def _apply(world: World, teller: Teller) -> Mail:
    subject = "パスワード初期化の申込"
    teller.sent(TARO, subject, APPLICATION, world.send(*TARO, subject, APPLICATION))
    mails = world.gets(2)
    _expect(mails, ["invalid-input"] * 2, {TARO[1], "hanako@naxtrade.example"})
    for mail in mails:
        teller.got(mail, ("AOA", "A0A"))
    return _to(mails, TARO)


def _submit(world: World, teller: Teller, invalid: Mail) -> tuple[str, dict[str, Mail]]:
    text = "修正\n利用者コード：1ANAC\n識別番号：A0A\n"
    _reply(world, teller, TARO, invalid, text, "")
    mails = world.gets(4)
    _expect(mails, ["received"] * 2 + ["review-request"] * 2, {TARO[1], "hanako@naxtrade.example", ICHIRO[1], RYOKO[1]})
    for mail in mails:
        teller.got(mail, ("申込受付番号", "申込受付年月日", "URY", "希望理由"))
    receipt = str(mails[0].message["X-Mailbot-Receipt"])
    return receipt, {mail.to: mail for mail in mails}


def _ask(world: World, teller: Teller, requests: dict[str, Mail]) -> Mail:
    text = "お世話になっております。\n確認依頼\nA0B の初期化は不要でしょうか。必要でしたら識別番号に加えてください。\n"
    request = requests[ICHIRO[1]]
    _reply(world, teller, ICHIRO, request, text, _gmail_quote(request))
    mails = world.gets(4)
    _expect(mails, ["confirmation-request"] * 2 + ["decision"] * 2)
    for mail in mails:
        teller.got(mail, ("A0B", "回答期限", "申込受付番号"))
    return _to(mails, TARO)


def _correct(world: World, teller: Teller, asked: Mail) -> dict[str, Mail]:
    text = "お世話になっております。通関です。A0B もお願いいたします。\n修正\n識別番号：A0A、A0B\n"
    _reply(world, teller, TARO, asked, text, _outlook_quote(asked))
    mails = world.gets(4)
    _expect(mails, ["received"] * 2 + ["review-request"] * 2)
    for mail in mails:
        teller.got(mail, ("変更前", "変更後", "→", "1ANACA0B"))
    return {mail.to: mail for mail in mails if mail.kind == "review-request"}


def _late_decision(world: World, teller: Teller, first: dict[str, Mail]) -> Mail:
    _reply(world, teller, RYOKO, first[RYOKO[1]], "承認\n", _gmail_quote(first[RYOKO[1]]))
    mails = world.gets(2)
    _expect(mails, ["answer", "review-request"], {RYOKO[1]})
    for mail in mails:
        teller.got(mail, ("修正", "変更", "内容"))
    return mails[1]


def _approve(world: World, teller: Teller, request: Mail) -> None:
    _reply(world, teller, ICHIRO, request, "承認\n", _outlook_quote(request))
    mails = world.gets(4)
    _expect(mails, ["completed"] * 2 + ["decision"] * 2)
    for mail in mails:
        teller.got(mail, ("3営業日", "まで", "URY", "承認"))


def _too_late(world: World, teller: Teller, request: Mail) -> None:
    _reply(world, teller, RYOKO, request, "承認\n", _gmail_quote(request))
    mails = world.gets(1)
    _expect(mails, ["answer"], {RYOKO[1]})
    teller.got(mails[0], ("審査 一郎", "承認"))


def _look(world: World, teller: Teller, receipt: str) -> None:
    application = find_application(receipt)
    passwords = reveal_passwords(application, "demo", SystemClock().now(), world.tools)
    if application.state is not State.COMPLETED or [user_id for user_id, _ in passwords] != ["1ANACA0A", "1ANACA0B"]:
        raise StoryBroken(f"{receipt} is {application.state.value} with {len(passwords)} passwords")
    period = application.view_period
    teller.say(
        f"  {receipt}: {application.state.value}, {len(passwords)} passwords in the vault (each look is recorded),"
    )
    teller.say(f"  to be looked at until {period.last if period else '?'} and erased afterwards; no mail carries one.")
    for mail in teller.folder.glob("*.eml"):
        raw = mail.read_bytes()
        text = Mail.of(raw).text.encode()
        if any(password.encode() in raw + text for _, password in passwords):
            raise StoryBroken(f"{mail.name} carries a password")


def _reply(world: World, teller: Teller, who: tuple[str, str], to: Mail, text: str, quote: str) -> None:
    subject = f"Re: {to.subject}"
    teller.sent(who, subject, text, world.send(*who, subject, text + quote, answering=to))


def _gmail_quote(mail: Mail) -> str:
    quoted = "\n".join(f"> {line}" for line in mail.text.splitlines())
    return f"\n2026年11月20日(金) 10:00 申込受付デスク <desk@desk.example>:\n\n{quoted}\n"


def _outlook_quote(mail: Mail) -> str:
    head = (
        "差出人: 申込受付デスク <desk@desk.example>\n送信日時: 2026年11月20日 10:00\n"
        f"宛先: {mail.to}\n件名: {mail.subject}"
    )
    return f"\n________________________________\n{head}\n\n{mail.text}\n"


def _to(mails: Sequence[Mail], who: tuple[str, str]) -> Mail:
    return next(mail for mail in mails if mail.to == who[1])


def _expect(mails: Sequence[Mail], kinds: Sequence[str], to: set[str] | None = None) -> None:
    if sorted(mail.kind for mail in mails) != sorted(kinds):
        raise StoryBroken(f"expected {sorted(kinds)}, got {[(mail.kind, mail.to, mail.subject) for mail in mails]}")
    if to is not None and {mail.to for mail in mails} != to:
        raise StoryBroken(f"expected mail to {sorted(to)}, got {[(mail.kind, mail.to) for mail in mails]}")
