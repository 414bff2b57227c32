"""What is made cheaper than in aiosmtpd answers as aiosmtpd does: the same octets to both, the same octets back."""

import asyncio
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP

from mailbot.runners.smtp.protocol import RECEIVE_OCTETS, SmtpProtocol
from mailbot.runners.smtp.session import SmtpSession

HELLO, QUIT = b"EHLO c.example\r\n", b"QUIT\r\n"
MAIL, RCPT = b"MAIL FROM:<taro@naxtrade.example>\r\n", b"RCPT TO:<desk@desk.example>\r\n"
DATA = b"DATA\r\nSubject: x\r\n\r\n..x\r\n.\r\n"
DIALOGUES = {
    "a mail": HELLO + MAIL + RCPT + DATA,
    "two mails": HELLO + (MAIL + RCPT + DATA) * 2,
    "a mail with HELO": b"HELO c.example\r\n" + MAIL + RCPT + DATA,
    "capitals and spaces": b"ehlo  c.example \r\n mail FROM:<a@b.example>\r\nmAiL from: <a@b.example> \r\nrcpt to: <c@d.example>\r\n",
    "no host name": b"EHLO\r\nEHLO \r\nHELO\r\nHELO  \r\n" + MAIL,
    "no greeting": MAIL + RCPT + DATA,
    "the wrong order": HELLO + RCPT + DATA + MAIL + MAIL + b"DATA\r\n" + RCPT + b"RSET\r\n" + RCPT,
    "a greeting begins anew": HELLO + MAIL + HELLO + RCPT + MAIL + b"HELO x\r\n" + RCPT,
    "parameters": HELLO
    + b"".join(
        b"MAIL FROM:<a@b.example>" + words + b"\r\nRSET\r\n"
        for words in (
            b" SIZE=10", b" SIZE=1001", b" SIZE=x", b" SIZE", b" BODY=8BITMIME", b" BODY=BINARYMIME", b" SMTPUTF8", b" SMTPUTF8=1",
            b" X=1", b" size=10 body=7bit smtputf8", b" =", b" SIZE=10 SIZE=1001", b"SIZE=10", b"  SIZE=10  ",
        )
    ) + MAIL + b"RCPT TO:<c@d.example> NOTIFY=NEVER\r\n",
    "parameters after HELO": b"HELO c\r\nMAIL FROM:<a@b.example> SIZE=10\r\n" + MAIL + b"RCPT TO:<c@d.example> X\r\n",
    "paths": HELLO
    + b"".join(
        b"MAIL FROM:" + path + b"\r\nRSET\r\n"
        for path in (b"", b"<>", b"a@b.example", b"<a@b.example", b"a b", b"<a b@c.example>", b'<"a b"@c.example>', b"<@x:a@b.example>")
    ) + b"MAIL TO:<a@b.example>\r\nMAIL\r\n",
    "no command": HELLO + b"\r\n\n \r\nFOO\r\nFOO bar\r\n" + b"\xff\xfe x\r\n" + "\u30e1\u30fc\u30eb x\r\n".encode() + b"NOOP\r\n",
    "octets that are no UTF-8": HELLO + b"NOOP \xff\xfe\r\nMAIL FROM:<\xff@b.example>\r\nVRFY \xe3\x83\xa1@b.example\r\n",
    "other commands": HELLO + b"NOOP\r\nNOOP x\r\nRSET\r\nRSET x\r\nHELP\r\nHELP mail\r\nHELP foo\r\nVRFY a@b.example\r\nVRFY\r\n"
    b"STARTTLS\r\nDATA x\r\nQUIT x\r\n",
    "line ends": b"EHLO c.example\n" + b"NOOP\n" + b"NOOP\r\r\n" + b"NOOP\n\r\n",
    "the longest commands": HELLO + b"".join(b"NOOP " + b"x" * length + b"\r\n" for length in (506, 507, 508, 993, 994, 995, 5_000)),
    "the longest MAIL": HELLO + b"".join(b"MAIL FROM:<%s@b.example>\r\nRSET\r\n" % (b"a" * length) for length in (526, 527, 528)),
    "the longest MAIL after HELO": b"HELO c\r\n" + b"".join(b"MAIL FROM:<%s@b.example>\r\nRSET\r\n" % (b"a" * length) for length in (490, 491)),
    "an exception": HELLO + b"MAIL FROM:<fault@b.example>\r\n" + MAIL + RCPT + DATA,
}  # fmt: skip


class Answers:
    """Hooks of aiosmtpd, found by name and in `hooks`."""

    def __init__(self, at_a_time: int) -> None:
        self.hooks: dict[str, Any] = {"MAIL": self.handle_MAIL, "DATA": self.handle_DATA}
        self.receive_buffer = memoryview(bytearray(at_a_time))

    async def handle_MAIL(self, server: SMTP, session: Any, envelope: Any, address: str, options: list[str]) -> str:  # noqa: N802
        if address.startswith("fault"):
            raise ValueError(address)
        envelope.mail_from = address
        return f"250 {address!r} {options} {session.host_name} {session.extended_smtp} {envelope.smtp_utf8}"

    async def handle_DATA(self, server: SMTP, session: Any, envelope: Any) -> str:  # noqa: N802
        return f"250 {envelope.mail_from} {envelope.rcpt_tos} {envelope.original_content!r}"

    async def handle_exception(self, error: Exception) -> str:
        return f"451 {error!r}"


async def answers(kind: Callable[..., SMTP], sent: bytes, *, at_a_time: int = RECEIVE_OCTETS) -> bytes:
    """All that a server says to these octets; an SmtpProtocol receives so many of them at a time."""
    loop = asyncio.get_running_loop()
    options = {"loop": loop, "hostname": "desk.example", "ident": "x", "enable_SMTPUTF8": True, "data_size_limit": 1000}
    server = await loop.create_server(partial(kind, Answers(at_a_time), **options), "127.0.0.1", 0)
    reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname()[:2])
    writer.write(sent)
    found = await reader.read(-1)
    writer.close()
    server.close()
    return found


@pytest.mark.parametrize("dialogue", DIALOGUES)
async def test_the_replies_are_those_of_aiosmtpd(dialogue: str) -> None:
    sent = DIALOGUES[dialogue] + QUIT
    # Without AUTH, which aiosmtpd has among the commands that HELP names.
    expected = (await answers(SMTP, sent)).replace(b"commands: AUTH ", b"commands: ")
    for at_a_time in (RECEIVE_OCTETS, 5, 1):
        assert await answers(SmtpProtocol, sent, at_a_time=at_a_time) == expected


def test_help_knows_the_commands_that_are_carried_out_otherwise() -> None:
    known = [name for name in dir(SMTP) if hasattr(getattr(SMTP, name), "__smtp_syntax__") and name != "smtp_AUTH"]
    assert [name for name in known if not hasattr(getattr(SmtpSession, name), "__smtp_syntax__")] == []


async def test_nobody_logs_in_and_unknown_commands_are_like_other_errors() -> None:
    """Where the replies are others than aiosmtpd's."""
    found = await answers(SmtpProtocol, HELLO + b"AUTH PLAIN x\r\n" + b"FOO\r\n" * 20 + QUIT)
    assert found.count(b'500 Error: command "FOO" not recognized\r\n') == 20
    assert b'500 Error: command "AUTH" not recognized\r\n' in found and found.endswith(b"221 Bye\r\n")
