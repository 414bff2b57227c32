"""How long reading a mail takes, beside the parser of the standard library (`email`) for the same mail.

    python -m bench.reading

Each mail is read as the desk reads it before its transaction, with 20 notices that it may quote; in turn with `email`.
No two mails have a line of prose in common, so that nothing can be kept from one to the next.
"""

import email
import email.policy
import time
from collections.abc import Callable
from datetime import UTC, datetime

from mailbot.desk.incoming.look_up import Known
from mailbot.desk.incoming.reading import read_mail
from mailbot.desk.incoming.request import Sender
from mailbot.mail.message import read
from mailbot.model.evidence import Evidence
from mailbot.model.queued_mail import Envelope, InboxItem
from mailbot.procedures import load_procedures

DESK = "desk@desk.example"
TARO = Sender("taro@naxtrade.example", "通関 太郎")
FORM = (
    "手続：パスワード初期化\n事業所コード：NAC001\n利用者コード：1ANAC\n識別番号：A0A\n"
    "パスワード初期化の希望理由：担当者の交代時に引き継ぎがなく、失念したため\n"
)
SENTENCE = "お世話になっております。第{}四半期の報告書をお送りします。ご確認のほどよろしくお願いいたします。"
NOTICES = tuple(
    f"受付完了 {n}\nお申込みを受け付けました。\n申込受付番号：26{n:05}C\n{FORM}" + "ご案内をお読みください。\n" * 60
    for n in range(20)
)
ROUNDS = {4: 40, 1_000: 5}  # by the size of the mail in kB


def mail(kind: str, body: str) -> bytes:
    """A mail with one text part."""
    head = f"From: {TARO.address}\r\nTo: {DESK}\r\nSubject: x\r\nMessage-ID: <1@naxtrade.example>\r\n"
    head += f"Content-Type: text/{kind}; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
    return (head + body).encode()


def filled(line: str, octets: int, first: int) -> str:
    """Lines numbered from `first` on, of about `octets` octets of UTF-8 together."""
    return "".join(line.format(first + i) for i in range(octets // len(line.encode()) + 1))


def mails(turn: int) -> dict[str, tuple[bytes, int]]:
    """Name → (the mail of this turn, size in kB)."""
    first = turn * 10_000
    quoted = "".join(f"> {line}\n" for line in NOTICES[0].split("\n"))
    outlook = "<p class=MsoNormal><span style='font-size:10.5pt'>" + SENTENCE + "<o:p></o:p></span></p>\n"
    return {
        "form, 4 kB": (mail("plain", FORM + filled(SENTENCE + "\n", 3_400, first)), 4),
        "reply, 4 kB": (mail("plain", f"修正\n備考：{first}件目です\n\n{quoted}"[:1_600]), 4),
        "HTML, 4 kB": (mail("html", filled(outlook, 3_700, first)), 4),
        "plain text, 1 MB": (mail("plain", FORM + filled(SENTENCE + "\n", 1_000_000, first)), 1_000),
        "HTML, 1 MB": (mail("html", filled(f"<p>{SENTENCE}</p>\n", 1_000_000, first)), 1_000),
        "HTML of Outlook, 1 MB": (mail("html", filled(outlook, 1_000_000, first)), 1_000),
    }


def by_desk(raw: bytes) -> None:
    """Read a mail as the desk does."""
    item = InboxItem(1, Envelope(TARO.address, (DESK,)), raw, Evidence(), datetime.now(UTC))
    read_mail(item, read(raw), Known(TARO, sent=NOTICES), PROCEDURES, DESK)


def by_library(raw: bytes) -> None:
    """Parse a mail with the standard library and decode its text."""
    body = email.message_from_bytes(raw, policy=email.policy.default).get_body()
    if body is not None:
        body.get_content()


def seconds(action: Callable[[bytes], None], raw: bytes) -> float:
    """CPU seconds of one call."""
    start = time.process_time()
    action(raw)
    return time.process_time() - start


PROCEDURES = load_procedures()


def main() -> None:
    """Print a row for each mail: the least of its rounds in milliseconds, and the ratio of both."""
    print(f"{'mail':<24}{'octets':>9}{'desk, ms':>11}{'email, ms':>11}{'ratio':>8}")
    for name, (raw, kilobytes) in mails(0).items():
        by_desk(raw)
        turns = [mails(turn)[name][0] for turn in range(1, ROUNDS[kilobytes] + 1)]
        pairs = [(seconds(by_desk, one), seconds(by_library, one)) for one in turns]
        desk, library = (min(column) * 1000 for column in zip(*pairs, strict=True))
        print(f"{name:<24}{len(raw):>9}{desk:>11.2f}{library:>11.2f}{desk / library:>8.1f}")


if __name__ == "__main__":
    main()
