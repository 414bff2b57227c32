"""A relay that requires TLS and a login: a private Postfix, with a private Dovecot for SASL."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from mailbot.model.queued_mail import OutboxItem, OutboxState
from mailbot.runners.relays import RelayAddress, SmtpRelay
from mailbot.runners.sink import Sink
from tests.runners.test_delivery import MAIL
from tests.testkit.certificates import certificate
from tests.testkit.dovecot import PASSWORD, USER, Dovecot
from tests.testkit.postfix import Postfix
from tests.testkit.servers import free_port

pytestmark = pytest.mark.slow

NOW = datetime(2026, 11, 20, 1, 0, tzinfo=UTC)
ITEM = OutboxItem(1, MAIL, OutboxState.SENDING, 1, NOW, None)
LOGIN = """\
smtpd_tls_cert_file = {cert}
smtpd_tls_key_file = {cert}
smtpd_tls_security_level = encrypt
smtpd_sasl_auth_enable = yes
smtpd_sasl_type = dovecot
smtpd_sasl_path = inet:127.0.0.1:{sasl}
smtpd_relay_restrictions = permit_sasl_authenticated, reject
"""
IMPLICIT = """\
127.0.0.1:{port} inet n - n - - smtpd
  -o smtpd_tls_wrappermode=yes
"""


@dataclass
class Relay:
    """A Postfix that accepts mail only after TLS and a login."""

    postfix: Postfix
    dovecot: Dovecot
    sink: Sink
    implicit_port: int

    def client(self, **changes: Any) -> SmtpRelay:
        values = {"host": "127.0.0.1", "port": self.postfix.port, "tls": "starttls", "user": USER}
        return SmtpRelay(RelayAddress(**{**values, "timeout_seconds": 20, **changes}))

    async def closed(self, client: SmtpRelay) -> str:
        """Close `client`; Postfix's log, once its connection and the fixture's, to see whether it runs, are over.

        Over TLS our socket is closed only when Postfix closes: a test that ends before would leave it open.
        """
        await client.close()
        return await asyncio.to_thread(self.postfix.logged, "disconnect from", 2)


@pytest.fixture
async def relay(
    dovecot: Dovecot, postfix: Callable[..., Postfix], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Any:
    cert = tmp_path / "relay.pem"
    certificate(cert)
    monkeypatch.setenv("SSL_CERT_FILE", str(cert))
    sink = Sink()
    port = await sink.start()
    implicit = free_port()
    more = LOGIN.format(cert=cert, sasl=dovecot.sasl_port)
    services = IMPLICIT.format(port=implicit)
    server = await asyncio.to_thread(postfix, {"*": f"smtp:[127.0.0.1]:{port}"}, more, services)
    yield Relay(server, dovecot, sink, implicit)
    await sink.stop()


async def test_starttls_and_a_password(relay: Relay) -> None:
    client = relay.client(password=lambda: PASSWORD)
    first, second = await client.deliver(ITEM), await client.deliver(ITEM)
    await relay.closed(client)
    assert first.accepted and second.accepted, (first, relay.postfix.log())
    assert len(await asyncio.to_thread(relay.sink.wait_for, 2, 30)) == 2
    log = await asyncio.to_thread(relay.postfix.logged, "sasl_method=", 2)
    assert log.count("sasl_method=") == 2
    await asyncio.to_thread(relay.postfix.logged, "auth=1 mail=2 rcpt=2")  # both in one connection


async def test_implicit_tls(relay: Relay) -> None:
    client = relay.client(port=relay.implicit_port, tls="implicit", password=lambda: PASSWORD)
    result = await client.deliver(ITEM)
    await relay.closed(client)
    assert result.accepted, (result, relay.postfix.log())


async def test_an_access_token_that_is_renewed(relay: Relay) -> None:
    """XOAUTH2: the token is read for each login; with an expired one the mail is tried again later."""
    tokens = iter(["old", "new"])
    relay.dovecot.tokens.good["new"] = USER
    client = relay.client(oauth2=True, password=lambda: next(tokens))
    first, second = await client.deliver(ITEM), await client.deliver(ITEM)
    await relay.closed(client)
    assert (first.accepted, first.permanent, first.code) == (False, False, 535), first
    assert second.accepted, (second, relay.postfix.log())
    await asyncio.to_thread(relay.postfix.logged, "sasl_method=XOAUTH2")


async def test_a_wrong_password_puts_off_and_loses_nothing(relay: Relay) -> None:
    client = relay.client(password=lambda: "wrong")
    result = await client.deliver(ITEM)
    await relay.closed(client)
    assert (result.accepted, result.permanent, result.code) == (False, False, 535), result


async def test_a_certificate_that_nobody_knows_is_not_talked_to(relay: Relay, monkeypatch: pytest.MonkeyPatch) -> None:
    """T-5."""
    monkeypatch.delenv("SSL_CERT_FILE")
    client = relay.client(password=lambda: PASSWORD)
    result = await client.deliver(ITEM)
    log = await relay.closed(client)
    assert (result.accepted, result.permanent) == (False, False)
    assert "sasl_method" not in log


async def test_reports_are_asked_for_and_come_back_to_the_notice_they_are_about(relay: Relay) -> None:
    """RFC 3461: Postfix offers DSN; its report of a failure names our ENVID and contains no text of the notice."""
    relay.sink.rejected_recipients.add(MAIL.recipient)
    client = relay.client(password=lambda: PASSWORD)
    assert (await client.deliver(ITEM)).accepted
    await relay.closed(client)
    report = (await asyncio.to_thread(relay.sink.wait_for, 1, 30))[0]
    assert (report.sender.strip("<>"), list(report.recipients)) == ("", ["desk-bounces+x@desk.example"])
    assert b"Original-Envelope-Id: x" in report.raw
    assert b"Original-Recipient: rfc822;taro@naxtrade.example" in report.raw
    assert b"text/rfc822-headers" in report.raw
