"""The desk with a real Postfix as its MX and as its relay."""

import asyncio
import email.policy
import smtplib
import subprocess
from collections.abc import Callable
from email import message_from_bytes
from email.message import EmailMessage
from typing import Any

import pytest

from mailbot.desk.operators.applications import notices_of
from mailbot.model.lifecycle import State
from mailbot.records.applications import application_store
from mailbot.records.log import mail_log
from tests.testkit.desk import FORM
from tests.testkit.postfix import Postfix
from tests.testkit.records import all_handled
from tests.testkit.running_desk import Running
from tests.testkit.servers import free_port, needed
from tests.testkit.waiting import until

pytestmark = pytest.mark.slow

Start = Callable[..., Any]
Server = Callable[[dict[str, str]], Postfix]


async def both_ways(start_desk: Start, server: Server) -> tuple[Running, Postfix]:
    """A desk whose MX and relay is one private Postfix, which routes the domains of the people to the sink."""
    port = free_port()
    sink_port = free_port()
    routes = {
        "desk.example": f"smtp:[127.0.0.1]:{port}",
        "*": f"smtp:[127.0.0.1]:{sink_port}",
        # People of the desk's own domain have their mail elsewhere.
        "ichiro@desk.example": f"smtp:[127.0.0.1]:{sink_port}",
        "ryoko@desk.example": f"smtp:[127.0.0.1]:{sink_port}",
        "operator@desk.example": f"smtp:[127.0.0.1]:{sink_port}",
    }
    mx = await asyncio.to_thread(server, routes)
    running = await start_desk(smtp={"port": port}, relay={"port": mx.port}, sink_port=sink_port)
    return running, mx


def application(text: str = FORM) -> bytes:
    mail = EmailMessage()
    mail["From"] = "taro@naxtrade.example"
    mail["To"] = "desk@desk.example"
    mail["Subject"] = "パスワード初期化の申込"
    mail["Message-ID"] = "<1.postfix@naxtrade.example>"
    mail["Date"] = "Fri, 20 Nov 2026 10:00:00 +0900"
    mail.set_content(text)
    return mail.as_bytes(policy=email.policy.SMTP)


def send(port: int, sender: str, recipient: str, raw: bytes) -> None:
    with smtplib.SMTP("127.0.0.1", port, timeout=30) as client:
        client.sendmail(sender, [recipient], raw)


def notices(running: Running, count: int) -> list[EmailMessage]:
    mails = running.sink.wait_for(count, 60)
    found = [message_from_bytes(m.raw, policy=email.policy.default) for m in mails]
    return [m for m in found if isinstance(m, EmailMessage)]


async def test_a_conversation_through_postfix_both_ways(start: Start, postfix: Server) -> None:
    running, mx = await both_ways(start, postfix)
    await asyncio.to_thread(send, mx.port, "taro@naxtrade.example", "desk@desk.example", application())
    mails = await asyncio.to_thread(notices, running, 4)
    assert sorted(str(m["X-Mailbot-Notice"]) for m in mails) == ["received"] * 2 + ["review-request"] * 2
    request = next(m for m in mails if "ichiro" in str(m["To"]))
    assert "mx.desk.example" in str(request["Received"])  # it really went through Postfix
    answer = EmailMessage()
    answer["From"] = "ichiro@desk.example"
    answer["To"] = request["Reply-To"]
    answer["Subject"] = f"Re: {request['Subject']}"
    answer["In-Reply-To"] = request["Message-ID"]
    answer["Message-ID"] = "<2.postfix@desk.example>"
    answer.set_content("承認\n")
    recipient = str(request["Reply-To"].addresses[0].addr_spec)
    raw = answer.as_bytes(policy=email.policy.SMTP)
    await asyncio.to_thread(send, mx.port, "ichiro@desk.example", recipient, raw)
    mails = await asyncio.to_thread(notices, running, 8)
    assert sorted(str(m["X-Mailbot-Notice"]) for m in mails[4:]) == ["completed"] * 2 + ["decision"] * 2
    assert application_store.listing()[0].state is State.COMPLETED


async def test_swaks_types_it_to_postfix(start: Start, postfix: Server) -> None:
    needed("swaks", "swaks")
    running, mx = await both_ways(start, postfix)
    command = [
        "swaks",
        "--server",
        f"127.0.0.1:{mx.port}",
        "--from",
        "taro@naxtrade.example",
        "--to",
        "desk@desk.example",
    ]
    command += ["--header", "Subject: form", "--header", "Content-Type: text/plain; charset=utf-8", "--body", FORM]
    done = await asyncio.to_thread(
        subprocess.run, command, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL
    )
    assert done.returncode == 0, done.stdout
    assert len(await asyncio.to_thread(notices, running, 4)) == 4


async def test_a_real_bounce_is_told_to_the_operators_and_to_the_other_addressee(start: Start, postfix: Server) -> None:
    """Postfix reports that hanako's server refuses her copy; taro's copy arrives, and he is notified."""
    running, mx = await both_ways(start, postfix)
    running.sink.rejected_recipients.add("hanako@naxtrade.example")
    await asyncio.to_thread(send, mx.port, "taro@naxtrade.example", "desk@desk.example", application())
    mails = await asyncio.to_thread(notices, running, 5)
    kinds = sorted((str(m["X-Mailbot-Notice"]), str(m["To"].addresses[0].addr_spec)) for m in mails)
    assert ("alert", "operator@desk.example") in kinds
    assert ("received", "taro@naxtrade.example") in kinds
    assert ("answer", "taro@naxtrade.example") in kinds
    row = next(row for row in mail_log.listing(100) if row.reason == "bounce")
    assert row.disposition == "recorded" and "5.1.1" in row.detail
    states = {
        (n["recipient"], n["state"]) for n in notices_of(application_store.listing()[0]) if n["kind"] == "received"
    }
    assert states == {("taro@naxtrade.example", "sent"), ("hanako@naxtrade.example", "failed")}


@pytest.mark.parametrize("recipient", ["nobody@desk.example", "desk+forged.token.here@desk.example"])
async def test_postfix_hears_a_clear_refusal(start: Start, postfix: Server, recipient: str) -> None:
    """A mail that the desk rejects is returned by the sender's own server, with the desk's SMTP reply."""
    running, mx = await both_ways(start, postfix)
    await asyncio.to_thread(send, mx.port, "taro@naxtrade.example", recipient, application())
    mails = await asyncio.to_thread(notices, running, 1)
    assert "taro@naxtrade.example" in str(mails[0]["To"])
    assert "550" in mails[0].as_string()
    assert application_store.listing() == []


ENDINGS = [
    *(b"\n.\n", b"\n.\r\n", b"\r\n.\n", b"\r.\r", b"\r\n.\r", b"\r.\r\n", b"\n.\r", b"\r.\n"),
    *(b"\r\n\x00.\r\n", b"\r\n.\x00\r\n", b"\n\n.\n\n", b"\r\r\n.\r\r\n", b"\r\n.\r\r\n", b"\r\r\n.\r\n"),
    *(b"\r\n..\r\n", b"\r\n. \r\n"),
]


@pytest.mark.parametrize("ending", ENDINGS, ids=repr)
async def test_no_second_mail_is_smuggled_through_postfix(start: Start, postfix: Server, ending: bytes) -> None:
    """T-2: whatever Postfix accepts as the end of data, the desk receives one mail or none, never the smuggled one."""
    running, mx = await both_ways(start, postfix)
    first = b"From: taro@naxtrade.example\r\nTo: desk@desk.example\r\nMessage-ID: <1@x>\r\n\r\nx"
    second = b"MAIL FROM:<ichiro@desk.example>\r\nRCPT TO:<desk@desk.example>\r\nDATA\r\nFrom: ichiro@desk.example\r\n\r\nsmuggled"
    reader, writer = await asyncio.open_connection("127.0.0.1", mx.port)
    await reader.readline()
    for line in (b"EHLO x", b"MAIL FROM:<taro@naxtrade.example>", b"RCPT TO:<desk@desk.example>", b"DATA"):
        writer.write(line + b"\r\n")
        while (await reader.readline())[3:4] == b"-":
            pass
    writer.write(first + ending + second + b"\r\n.\r\nQUIT\r\n")
    await reader.read(-1)
    writer.transport.abort()
    await asyncio.sleep(0)  # the abort takes its turn
    await asyncio.to_thread(mx.flushed)
    await asyncio.to_thread(until, lambda: all_handled(running.context.store), "what came is handled")
    with running.context.store.reading():
        senders = [row.sender for row in mail_log.listing(100) if row.direction == "in"]
    assert "ichiro@desk.example" not in senders and len(senders) <= 1, (senders, mx.log())
