"""`/readyz` and `/metrics` of a desk on loopback."""

import re
import smtplib
from asyncio import to_thread
from collections.abc import Callable
from typing import Any

import httpx

from mailbot.app.checks.kind import Severity
from mailbot.app.checks.kinds import Finding
from mailbot.app.checks.latest import write_latest
from mailbot.clock import SystemClock
from mailbot.runners.service_manager import ServiceManager
from tests.testkit.desk import FORM
from tests.testkit.servers import free_port

Start = Callable[..., Any]
ROLES = ("smtp", "worker", "sender", "web")


async def asked(running: Any, path: str) -> tuple[int, str]:
    address = running.service.health
    async with httpx.AsyncClient(base_url=f"http://{address.host}:{address.port}") as client:
        answer = await client.get(path)
        return answer.status_code, answer.text


def send(port: int, text: str = FORM, recipient: str = "desk@desk.example") -> int:
    """The code of the last reply."""
    with smtplib.SMTP("127.0.0.1", port) as client:
        head = "From: taro@naxtrade.example\nSubject: x\nContent-Type: text/plain; charset=utf-8\n\n"
        try:
            client.sendmail("taro@naxtrade.example", [recipient], (head + text).replace("\n", "\r\n").encode())
        except smtplib.SMTPRecipientsRefused as error:
            return int(error.recipients[recipient][0])
    return 250


async def counted(running: Any, *lines: str) -> str:
    """The metrics, once they have all the lines (patterns)."""
    text = ""
    for _ in range(100):  # each asks the desk, which works meanwhile
        text = (await asked(running, "/metrics"))[1]
        missing = [line for line in lines if not re.search(f"^{line}$", text, re.M)]
        if not missing:
            return text
    raise AssertionError(f"{missing} is not in\n{text}")


async def test_what_a_desk_does_is_counted(start: Start) -> None:
    running = await start(roles=ROLES)
    assert await to_thread(send, running.port) == 250
    assert await to_thread(send, running.port, recipient="nobody@desk.example") == 550
    text = await counted(
        running,
        r'mailbot_smtp_replies_total\{reply="stored",status_class="2"\} 1\.0',
        r'mailbot_smtp_replies_total\{reply="not-ours",status_class="5"\} 1\.0',
        r'mailbot_mails_handled_total\{disposition="carried_out",reason="submitted"\} 1\.0',
        r"mailbot_mail_handling_seconds_count 1\.0",
        r'mailbot_notice_deliveries_total\{result="delivered"\} [1-9].*',
        r'mailbot_queue_length\{stage="delivery"\} 0\.0',
        r'mailbot_worker_still_seconds\{process="worker"\} .*',
        r"mailbot_store_up 1\.0",
    )
    assert "@" not in text and "naxtrade" not in text and not re.search(r"2[67]\d{5}[A-Z]", text)


async def test_broken_findings_are_shown_and_counted(start: Start) -> None:
    """They are an hour old at most: the desk may be ready all the same."""
    running = await start(roles=ROLES)
    broken = Finding("no-reviewer", Severity.BROKEN, "nobody reviews category A", "Name one")
    write_latest(running.config, [broken, Finding("as-root", Severity.WARNING, "x", "y")], SystemClock().now())
    assert await asked(running, "/readyz") == (
        200,
        "ready\nfinding: no-reviewer: nobody reviews category A. Name one\n",
    )
    await counted(running, r'mailbot_findings\{code="no-reviewer"\} 1\.0')


async def test_a_relay_that_is_away_is_named(start: Start) -> None:
    running = await start(roles=ROLES, relay={"port": free_port()})
    await to_thread(send, running.port)
    while (answer := await asked(running, "/readyz"))[0] == 200:
        pass
    assert answer[0] == 503 and answer[1].startswith("the relay cannot be reached: ")
    assert (await asked(running, "/healthz")) == (200, "ok\n")


async def test_a_worker_that_does_not_move_is_named(start: Start) -> None:
    """A thread that hangs."""
    running = await start(roles=ROLES)
    running.service._worker._deciding._worker._moved_at -= 100
    running.service._worker._deciding._worker.moved = lambda: None
    status, text = await asked(running, "/readyz")
    assert status == 503 and re.fullmatch(
        r"the worker process \(PID \d+\) has not moved for \d+ seconds: no mail is handled\n", text
    )
    assert running.service.not_moving() == [text.strip()]


def test_the_service_manager_is_told(tmp_path: Any) -> None:
    """sd_notify(3): by path and by abstract name; without a socket, nothing happens."""
    import socket

    for name in (str(tmp_path / "notify"), f"@mailbot-test-{tmp_path.name}"):
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as channel:
            channel.bind(f"\0{name[1:]}" if name.startswith("@") else name)
            manager = ServiceManager({"NOTIFY_SOCKET": name, "WATCHDOG_USEC": "120000000"})
            manager.ready()
            manager.status("a\nb")
            manager.status("a\nb")
            manager.moving()
            manager.reloading()
            manager.stopping()
            said = [channel.recv(1000).decode() for _ in range(5)]
        assert said[:3] == ["READY=1", "STATUS=a b", "WATCHDOG=1"] and said[4] == "STOPPING=1"
        assert re.fullmatch(r"RELOADING=1\nMONOTONIC_USEC=\d+", said[3]) and manager.watchdog_seconds == 120
    ServiceManager({"WATCHDOG_USEC": "1000", "WATCHDOG_PID": "1"}).ready()
    assert ServiceManager({"WATCHDOG_USEC": "1000", "WATCHDOG_PID": "1"}).watchdog_seconds == 0
