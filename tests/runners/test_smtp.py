"""The SMTP server, over real sockets."""

import asyncio
import contextlib
import smtplib
import ssl
import threading
from pathlib import Path

import pytest

from mailbot.errors import Temporary
from mailbot.records.database import Store
from mailbot.records.log import mail_log
from mailbot.records.queues import inbox, received
from mailbot.runners.inbox_commit import InboxCommit
from mailbot.runners.smtp.replies import REPLIES
from tests.testkit.certificates import certificate
from tests.testkit.desk import FORM
from tests.testkit.held_store import held

HEAD = (
    "From: taro@naxtrade.example\r\nTo: desk@desk.example\r\nSubject: =?utf-8?b?44OR44K544Ov44O844OJ5Yid5pyf5YyW?=\r\n"
)
MAIL = (HEAD + "Content-Type: text/plain; charset=utf-8\r\n\r\n" + FORM.replace("\n", "\r\n")).encode()


async def dialogue(port: int, *steps: bytes) -> list[bytes]:
    """Send each step unchanged; returns the greeting and the last line of each reply."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    replies = [await reply(reader)]
    for step in steps:
        writer.write(step)
        await writer.drain()
        replies.append(await reply(reader))
    writer.close()
    await writer.wait_closed()
    return replies


async def reply(reader: asyncio.StreamReader) -> bytes:
    while True:
        line = await asyncio.wait_for(reader.readline(), 20)
        if line[3:4] != b"-":
            return line.strip()


def transaction(data: bytes, recipient: bytes = b"desk@desk.example") -> tuple[bytes, ...]:
    return (
        b"EHLO client.example\r\n",
        b"MAIL FROM:<taro@naxtrade.example>\r\n",
        b"RCPT TO:<" + recipient + b">\r\n",
        b"DATA\r\n",
        data,
    )


async def refusals(desk):  # type: ignore[no-untyped-def]
    """The rows of the mail log, after those that are still being counted were written."""
    desk.service._refusals.flush()
    await desk.service._refusals_written
    with desk.context.store.reading():
        return mail_log.listing(100)


async def test_250_means_that_the_mail_is_kept(start) -> None:  # type: ignore[no-untyped-def]
    desk = await start(roles=("smtp",))
    *_, answer = await dialogue(desk.port, *transaction(MAIL + b"\r\n.\r\n"))
    assert answer == b"250 2.0.0 Stored safely as #1"
    inbox.transfer(desk.context.store, authenticate=False)
    kept = inbox.get(desk.context.store, 1)
    assert kept is not None
    assert (kept.raw, kept.envelope.sender) == (MAIL + b"\r\n", "taro@naxtrade.example")
    assert (kept.evidence.peer, kept.evidence.helo) == ("127.0.0.1", "client.example")


async def test_the_null_reverse_path_is_a_sender(start) -> None:  # type: ignore[no-untyped-def]
    """RFC 5321 §4.5.5: the reverse-path of delivery reports is null, and empty in the inbox."""
    desk = await start(roles=("smtp",))
    steps = list(transaction(MAIL + b"\r\n.\r\n"))
    steps[1] = b"MAIL FROM:<>\r\n"
    *_, answer = await dialogue(desk.port, *steps)
    assert answer == b"250 2.0.0 Stored safely as #1"
    inbox.transfer(desk.context.store, authenticate=False)
    kept = inbox.get(desk.context.store, 1)
    assert kept is not None and kept.envelope.sender == ""


async def test_a_mail_goes_all_the_way_through(start) -> None:  # type: ignore[no-untyped-def]
    desk = await start()
    await dialogue(desk.port, *transaction(MAIL + b"\r\n.\r\n"))
    mails = await asyncio.to_thread(desk.sink.wait_for, 4, 20)
    assert {m.recipients[0] for m in mails} == {
        "taro@naxtrade.example",
        "hanako@naxtrade.example",
        "ichiro@desk.example",
        "ryoko@desk.example",
    }
    assert len({m.sender for m in mails}) == 4  # a Return-Path of its own for each


async def test_a_notice_the_relay_refuses_is_told_to_the_operators(start) -> None:  # type: ignore[no-untyped-def]
    """A rejected recipient does not affect another one."""
    desk = await start()
    desk.sink.rejected_recipients.add("taro@naxtrade.example")
    await dialogue(desk.port, *transaction(MAIL + b"\r\n.\r\n"))
    mails = await asyncio.to_thread(desk.sink.wait_for, 5, 20)  # hanako is told as well
    assert {m.recipients[0] for m in mails} == {
        "operator@desk.example",
        "hanako@naxtrade.example",
        "ichiro@desk.example",
        "ryoko@desk.example",
    }


@pytest.mark.parametrize(
    ("sender", "expected"),
    [
        (b"<taro@naxtrade.example>", b"250"),
        (b"<taro..x.@docomo.ne.jp>", b"250"),
        (b"<>", b"250"),
        (b"<@route.example:a@x.example>", b"553"),
        (b"<(a@x.example>", b"553"),
        (b"<a@b(c.d>", b"553"),
        (b"<" + b"a" * 65 + b"@x.example>", b"553"),
        (b"<a\x00@x.example>", b"553"),
    ],
)
async def test_senders(start, sender: bytes, expected: bytes) -> None:  # type: ignore[no-untyped-def]
    """T-8."""
    desk = await start(roles=("smtp",))
    *_, answer = await dialogue(desk.port, b"EHLO c.example\r\n", b"MAIL FROM:" + sender + b"\r\n")
    assert answer[:3] in (expected, b"501" if expected == b"553" else expected)


@pytest.mark.parametrize(
    ("recipient", "code"),
    [
        (b"desk@desk.example", b"250"),
        (b"DESK@Desk.Example", b"250"),
        (b"somebody@desk.example", b"550"),
        (b"desk@elsewhere.example", b"550"),
        (b"victim@elsewhere.example", b"550"),
        (b"desk+aaaaaaaa.bbbbbbbbbbbbbbbbbbbbbbbbbb.cccccccccccccccc@desk.example", b"550"),
        (b"desk+x@desk.example", b"550"),
    ],
)
async def test_recipients(start, recipient: bytes, code: bytes) -> None:  # type: ignore[no-untyped-def]
    """T-13, T-45: no relaying, and a forged token is rejected without a query of the store."""
    desk = await start(roles=("smtp",))
    *_, answer = await dialogue(desk.port, *transaction(b"", recipient)[:3])
    assert answer[:3] == code
    assert b"desk@desk.example" in answer or code == b"250"


@pytest.mark.parametrize(
    "ending",
    [
        b"\n.\n",
        b"\n.\r\n",
        b"\r.\r",
        b"\r\n.\r",
        b"\n.\r",
        b"\r.\r\n",
        b"\n\n.\n",
        b"\r\r.\r\n",
        b"\x00.\r\n",
        b"\r\n.\n",
    ],
)
async def test_no_second_mail_can_be_smuggled_in(start, ending: bytes) -> None:  # type: ignore[no-untyped-def]
    """T-1: only CRLF.CRLF ends the data; a mail with another sequence that looks like it is rejected as a whole."""
    desk = await start(roles=("smtp",))
    smuggled = b"MAIL FROM:<evil@evil.example>\r\nRCPT TO:<desk@desk.example>\r\nDATA\r\nSubject: x\r\n\r\nx"
    *_, answer = await dialogue(desk.port, *transaction(MAIL + ending + smuggled + b"\r\n.\r\n"))
    assert answer[:9] == b"550 5.6.0"
    assert inbox.count_not_transferred(desk.context.store)[0] == 0


async def test_thirty_megabytes(start) -> None:  # type: ignore[no-untyped-def]
    """T-11: rejected by its SIZE parameter, without one while it is received; both are in the mail log."""
    desk = await start(roles=("smtp",))

    def announced() -> tuple[int, bytes]:
        with smtplib.SMTP("127.0.0.1", desk.port, timeout=30) as client:
            client.ehlo()
            return client.docmd("MAIL", f"FROM:<taro@naxtrade.example> SIZE={30 * 1024 * 1024}")

    code, words = await asyncio.to_thread(announced)
    assert (code, words[:5]) == (552, b"5.3.4")
    line = b"x" * 998 + b"\r\n"
    *_, answer = await dialogue(desk.port, *transaction(MAIL + line * (30 * 1024 * 1024 // 1000) + b"\r\n.\r\n"))
    assert answer[:9] == b"552 5.3.4"
    assert b"25 MB" in answer
    assert inbox.count_not_transferred(desk.context.store)[0] == 0
    rows = await refusals(desk)
    assert [(r.disposition, r.reason, r.detail) for r in rows] == [
        ("refused", "too-large", "client: 127.0.0.1; 2 times")
    ]


async def test_a_store_that_fails_is_451_with_fixed_words(start, monkeypatch: pytest.MonkeyPatch) -> None:  # type: ignore[no-untyped-def]
    """T-6: never 5yz, never the exception's text."""
    desk = await start(roles=("smtp",))

    def broken(*_: object, **__: object) -> list[int]:
        raise Temporary("public", "database or disk is full: /var/lib/token=abc")

    monkeypatch.setattr(received, "accept", broken)
    *_, answer = await dialogue(desk.port, *transaction(MAIL + b"\r\n.\r\n"))
    assert answer == b"451 4.3.0 The mail could not be stored safely just now. Please try again later"
    monkeypatch.undo()
    *_, answer = await dialogue(desk.port, *transaction(MAIL + b"\r\n.\r\n"))
    assert answer[:3] == b"250"


async def test_any_surprise_in_the_store_is_451(start, monkeypatch: pytest.MonkeyPatch) -> None:  # type: ignore[no-untyped-def]
    """T-6."""
    desk = await start(roles=("smtp",))

    def broken(*_: object, **__: object) -> list[int]:
        raise ValueError("secret detail")

    monkeypatch.setattr(received, "accept", broken)
    *_, answer = await dialogue(desk.port, *transaction(MAIL + b"\r\n.\r\n"))
    assert answer[:9] == b"451 4.3.0"
    assert b"secret" not in answer


async def test_a_full_disk_puts_mail_off(start) -> None:  # type: ignore[no-untyped-def]
    """T-12."""
    desk = await start(smtp={"min_free_bytes": 1 << 62}, roles=("smtp",))
    *_, answer = await dialogue(desk.port, *transaction(b"")[:2])
    assert answer[:9] == b"452 4.3.1"


async def test_a_client_that_hangs_up_after_the_dot(start, monkeypatch: pytest.MonkeyPatch) -> None:  # type: ignore[no-untyped-def]
    """T-7: the commit goes on; the client, which got no 250, sends again, and that is one application."""
    desk = await start(roles=("smtp",))
    accept, waits, stored = received.accept, threading.Event(), threading.Event()

    def noted(*given, **options):  # type: ignore[no-untyped-def]
        if options["waits"]:
            waits.set()
        numbers = accept(*given, **options)
        stored.set()
        return numbers

    monkeypatch.setattr(received, "accept", noted)
    with held(desk.context.store.intake):  # the client is gone before the commit
        reader, writer = await asyncio.open_connection("127.0.0.1", desk.port)
        await reply(reader)
        for step in transaction(MAIL + b"\r\n.\r\n")[:4]:
            writer.write(step)
            await reply(reader)
        writer.write(MAIL + b"\r\n.\r\n")
        assert await asyncio.to_thread(waits.wait, 20)
        writer.transport.abort()
    assert await asyncio.to_thread(stored.wait, 20)  # else the next mail, alone, may be stored before it
    *_, answer = await dialogue(desk.port, *transaction(MAIL + b"\r\n.\r\n"))
    assert answer == b"250 2.0.0 Stored safely as #2"


async def test_what_a_killed_process_has_committed_is_durable_first(start, monkeypatch: pytest.MonkeyPatch) -> None:  # type: ignore[no-untyped-def]
    flushed: list[str] = []
    real = InboxCommit.start

    def begin(commits: InboxCommit) -> None:
        flushed.append("SMTP")
        real(commits)

    def flush(store: Store) -> None:
        flushed.append(store.name)

    monkeypatch.setattr(Store, "flush", flush)
    monkeypatch.setattr(InboxCommit, "start", begin)
    desk = await start(roles=("smtp",))
    assert flushed[:2] == [desk.context.store.intake.name, "SMTP"]


async def test_mails_that_wait_at_the_same_moment_share_one_commit(start, monkeypatch: pytest.MonkeyPatch) -> None:  # type: ignore[no-untyped-def]
    batches: list[int] = []
    accept, put, arrived, all_arrived = received.accept, InboxCommit.put, [], asyncio.Event()

    def counted(store, arrivals, *, waits, **options):  # type: ignore[no-untyped-def]
        if waits:
            batches.append(len(arrivals))
        return accept(store, arrivals, waits=waits, **options)

    def noted(commits, arrivals, **options):  # type: ignore[no-untyped-def]
        future = put(commits, arrivals, **options)
        arrived.extend(arrivals)
        if len(arrived) == 8:
            all_arrived.set()
        return future

    monkeypatch.setattr(received, "accept", counted)
    monkeypatch.setattr(InboxCommit, "put", noted)
    desk = await start(roles=("smtp",))
    with held(desk.context.store.intake):
        sent = [asyncio.create_task(dialogue(desk.port, *transaction(MAIL + b"\r\n.\r\n"))) for _ in range(8)]
        await all_arrived.wait()
    answers = [answer for *_, answer in await asyncio.gather(*sent)]
    assert sorted(int(answer.rpartition(b"#")[2]) for answer in answers) == list(range(1, 9))
    assert len(batches) <= 2


BUSY = (b"EHLO client.example\r\n", b"MAIL FROM:<taro@naxtrade.example>\r\n")


async def gone(writer: asyncio.StreamWriter) -> None:
    """Abort the connection, and wait until the socket is closed."""
    writer.transport.abort()
    with contextlib.suppress(OSError):
        await writer.wait_closed()


async def held_open(port: int, *lines: bytes) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Open a connection, send `lines`, and leave it open."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    await reply(reader)
    for line in lines:
        writer.write(line)
        await reply(reader)
    return reader, writer


async def test_too_many_connections(start) -> None:  # type: ignore[no-untyped-def]
    """T-10: all of them are in a mail transaction."""
    desk = await start(smtp={"max_connections": 3}, roles=("smtp",))
    open_ones = [await held_open(desk.port, *BUSY) for _ in range(3)]
    assert (await dialogue(desk.port))[0][:9] == b"421 4.7.0"
    for _, writer in open_ones:
        writer.close()
        await writer.wait_closed()
    while desk.service._handler.connections:
        await asyncio.sleep(0)
    assert (await dialogue(desk.port))[0].startswith(b"220")


async def test_connections_that_only_wait_keep_nobody_out(start) -> None:  # type: ignore[no-untyped-def]
    """T-9, T-10: the longest-idle connection is closed; one in a mail transaction is not."""
    desk = await start(smtp={"max_connections": 20}, roles=("smtp",))
    honest = await held_open(desk.port, *BUSY)
    idle = [await held_open(desk.port) for _ in range(300)]
    assert (await dialogue(desk.port, *transaction(MAIL + b"\r\n.\r\n")))[-1].startswith(b"250")
    assert len(desk.service._handler.connections) <= 21
    assert (await reply(idle[0][0])).startswith(b"421 4.4.2")
    honest[1].write(b"RCPT TO:<desk@desk.example>\r\n")
    assert (await reply(honest[0])).startswith(b"250")
    for _, writer in (honest, *idle):
        await gone(writer)


async def test_a_session_without_an_end(start) -> None:  # type: ignore[no-untyped-def]
    """T-9: a client that sends single octets cannot hold a connection for ever."""
    desk = await start(smtp={"session_seconds": 1}, roles=("smtp",))
    reader, writer = await held_open(desk.port)
    while not (answer := await reader.read(200)):
        writer.write(b"N")
    assert answer.startswith(b"421 4.4.2")
    await gone(writer)


@pytest.mark.parametrize("method", [b"POST", b"GET", b"PUT", b"OPTIONS", b"CONNECT", b"head"])
async def test_a_web_browser_sends_no_mail(start, method: bytes) -> None:  # type: ignore[no-untyped-def]
    """T-19: a page that a browser on the same machine shows makes it send a request with a mail in its body."""
    desk = await start(roles=("smtp",))
    commands = b"EHLO c\r\nMAIL FROM:<a@b.jp>\r\nRCPT TO:<desk@desk.example>\r\nDATA\r\nSubject: x\r\n\r\nx\r\n.\r\n"
    reader, writer = await asyncio.open_connection("127.0.0.1", desk.port)
    writer.write(method + b" / HTTP/1.1\r\nHost: x\r\n\r\n" + commands)
    answers = await reader.read(-1)
    assert answers.split(b"\r\n")[1].startswith(b"421 4.7.0") and b"250" not in answers
    await gone(writer)


async def test_commands_without_an_end(start, monkeypatch: pytest.MonkeyPatch) -> None:  # type: ignore[no-untyped-def]
    """T-10."""
    monkeypatch.setattr("mailbot.runners.smtp.session.MAX_REPLIES", 50)
    desk = await start(roles=("smtp",))
    reader, writer = await held_open(desk.port)
    writer.write(b"NOOP\r\n" * 200)
    answers = (await reader.read(-1)).split(b"\r\n")
    assert sum(answer.startswith(b"250") for answer in answers) == 50
    assert answers[-2].startswith(b"421 4.7.0")
    await gone(writer)


async def test_nothing_said_before_tls_counts_after_it(start, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    """T-4: commands that were sent together with STARTTLS are discarded (CVE-2011-0411)."""
    certificate(tmp_path / "desk.pem")
    desk = await start(smtp={"tls_cert": str(tmp_path / "desk.pem")}, roles=("smtp",))
    reader, writer = await held_open(desk.port, b"EHLO client.example\r\n")
    writer.write(b"STARTTLS\r\nMAIL FROM:<injected@evil.example>\r\nRCPT TO:<desk@desk.example>\r\n")
    assert (await reply(reader)).startswith(b"220")
    context = ssl.create_default_context(cafile=str(tmp_path / "desk.pem"))
    await writer.start_tls(context, server_hostname="127.0.0.1")
    writer.write(b"NOOP\r\n")
    first = await reply(reader)
    assert b"2.1.0" not in first and b"2.1.5" not in first, first
    writer.write(b"EHLO client.example\r\n")
    await reply(reader)
    writer.write(b"RCPT TO:<desk@desk.example>\r\n")
    assert (await reply(reader)).startswith(b"503")  # there is no MAIL
    await gone(writer)


async def test_too_many_recipients(start) -> None:  # type: ignore[no-untyped-def]
    """T-10."""
    desk = await start(smtp={"max_recipients": 2}, roles=("smtp",))
    steps = transaction(b"")[:2] + (b"RCPT TO:<desk@desk.example>\r\n",) * 3
    *_, second, third = await dialogue(desk.port, *steps)
    assert (second[:3], third[:9]) == (b"250", b"452 4.5.3")


async def test_smtputf8_is_taken(start) -> None:  # type: ignore[no-untyped-def]
    desk = await start(roles=("smtp",))
    mail_from = "MAIL FROM:<太郎@naxtrade.example> SMTPUTF8\r\n".encode()
    *_, answer = await dialogue(desk.port, b"EHLO c.example\r\n", mail_from)
    assert answer[:3] == b"250"


def test_every_refusal_has_an_enhanced_status_code() -> None:
    """RFC 3463."""
    for words in REPLIES.values():
        code, enhanced = words.split()[:2]
        assert enhanced.split(".")[0] == code[0]
