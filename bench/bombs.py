"""An honest application behind costly mails of somebody else, through SMTP: how long it takes, and what SMTP does.

Printed for each: seconds until the 受付完了 of the application has reached the relay, its ratio to an application with
nothing before it, and the longest time to the replies of the SMTP server meanwhile.  Then the same for a request of the
状況 behind all bombs of a kind at once (tests/testkit/bomb_texts.py), and the kinds beyond MOST_SECONDS.
"""

import asyncio
import smtplib
import tempfile
import threading
import zipfile
from collections.abc import Sequence
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import make_msgid
from pathlib import Path

from bench.probe import Replies, probe
from mailbot.runners.sink import Sink
from tests.testkit.bomb_texts import BOMBS
from tests.testkit.bombs import merging_workbook, wide_table, workbook
from tests.testkit.command_line import mailbot
from tests.testkit.desk import FORM
from tests.testkit.desk_process import Desk

RATE = 5  # mails a second of the probe
REPEATED = 10  # costly mails of one sender, before an honest one of another
PATIENCE_SECONDS = 120
LONGEST_LINE = 100_000  # octets that SMTP accepts
MOST_SECONDS = 8.0  # to the answer of an honest mail behind the worst
TARO = "taro@naxtrade.example"
JIRO = "jiro@naxtrade.example"
IDS = ("A0A", "A0B", "A01", "A02", "A03")


def from_contact(text: str, html: str = "", *files: bytes, author: str = TARO) -> EmailMessage:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = author, "desk@desk.example", "x"
    mail["Message-ID"] = make_msgid()
    mail.set_content(text, charset="utf-8")
    if html:
        mail.set_content(html, subtype="html", charset="utf-8")
    for number, data in enumerate(files):
        mail.add_attachment(data, maintype="application", subtype="octet-stream", filename=f"{number}.xlsx")
    return mail


def full_sheet() -> bytes:
    cells = [[f'<c t="inlineStr"><is><t>値{row}-{column}</t></is></c>' for column in range(60)] for row in range(999)]
    return workbook("".join(f"<row>{''.join(row)}</row>" for row in cells), compression=zipfile.ZIP_DEFLATED)


def bombs() -> dict[str, list[EmailMessage]]:
    form = "手続：パスワード初期化\n"
    return {
        "nothing": [],
        "5 workbooks of 983 million cells": [from_contact(form, "", *[merging_workbook()] * 5)],
        "HTML of 2 GB when laid out": [from_contact("", wide_table())],
        "5 full sheets": [from_contact(form, "", *[full_sheet()] * 5)],
        f"{REPEATED} mails with 5 full sheets": [from_contact(form, "", *[full_sheet()] * 5)] * REPEATED,
    }


async def measure(
    desk: Desk, relay: Sink, mails: Sequence[EmailMessage | bytes], form: str, kind: bytes = b"received"
) -> tuple[float, Replies]:
    """Seconds until the notice of `kind` to the honest sender of `form`, and the replies meanwhile."""
    end = asyncio.Event()
    probing = asyncio.create_task(probe(desk.port, RATE, end))
    loop = asyncio.get_running_loop()

    def send() -> None:
        with smtplib.SMTP("127.0.0.1", desk.port) as client:
            for mail in (*mails, from_contact(form, author=JIRO)):
                raw = mail if isinstance(mail, bytes) else mail.as_bytes(policy=SMTP)
                author = raw.partition(b"\r\n")[0].removeprefix(b"From: ").decode()
                client.sendmail(author, "desk@desk.example", raw)

    await asyncio.to_thread(send)
    begin = loop.time()
    before = received(relay, kind)
    while received(relay, kind) == before:
        if loop.time() - begin > PATIENCE_SECONDS:
            raise TimeoutError
        await asyncio.sleep(0.01)
    seconds = loop.time() - begin
    end.set()
    return seconds, await probing


def received(relay: Sink, kind: bytes) -> int:
    return sum(JIRO in mail.recipients and b"X-Mailbot-Notice: " + kind in mail.raw for mail in relay.wait_for(0, 0))


def _with_crlf(raw: bytes) -> bytes:
    """As SMTP accepts it: without bare CR, bare LF and NUL."""
    return b"\r\n".join(raw.replace(b"\0", b"").splitlines()) + b"\r\n"


async def behind_every_kind(desk: Desk, relay: Sink) -> None:
    """Each kind is another sender's, whose budget of CPU time is its own."""
    slow = []
    for name, make in BOMBS.items():
        stranger = f"From: {name.replace(' ', '.')}@attack.co.jp\r\n".encode()
        mails = [part for _, mail in make() for part in (stranger + mail, f"From: {TARO}\r\n".encode() + mail)]
        fits = [mail for mail in map(_with_crlf, mails) if max(map(len, mail.split(b"\r\n"))) < LONGEST_LINE]
        seconds, replies = await measure(desk, relay, fits, "status\n", b"answer")
        slow += [name] * (seconds > MOST_SECONDS)
        print(f"{len(fits):4} bombs: {name:22} {seconds:6.2f} s; at most {replies.show()}", flush=True)
    print(f"beyond {MOST_SECONDS:.0f} s: {', '.join(slow) or 'none'}", flush=True)


async def main() -> None:
    relay, loop = Sink(), asyncio.new_event_loop()
    threading.Thread(target=loop.run_forever, daemon=True).start()
    port = asyncio.run_coroutine_threadsafe(relay.start(), loop).result()
    with tempfile.TemporaryDirectory() as folder:
        mailbot(Path(folder), "init", "--sample")
        desk = Desk(Path(folder), {"MAILBOT_RELAY_HOST": "127.0.0.1", "MAILBOT_RELAY_PORT": str(port)})
        try:
            await measure(desk, relay, [], FORM.replace("1ANAC", "1BNAC").replace("A0A", "B0A"))  # everything is loaded
            alone = 0.0
            for (name, mails), user_id in zip(bombs().items(), IDS, strict=True):
                seconds, replies = await measure(desk, relay, mails, FORM.replace("A0A", user_id))
                alone = alone or seconds
                print(f"{name:34} {seconds:6.2f} s, ratio {seconds / alone:5.1f}; at most {replies.show()}", flush=True)
            await behind_every_kind(desk, relay)
        finally:
            desk.end("terminate")
    asyncio.run_coroutine_threadsafe(relay.stop(), loop).result()


if __name__ == "__main__":
    asyncio.run(main())
