"""A mailbox as at Microsoft 365: a private token service issues over HTTPS what a private Dovecot and Postfix accept.

Dovecot asks about each token by introspection; Postfix asks Dovecot (SASL).  The providers themselves are not asked.
"""

import asyncio
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from mailbot.app.wiring import imap_of, relays_of, tokens_of
from mailbot.clock import ManualClock
from mailbot.config import Config, load
from mailbot.desk.context import DeskContext
from mailbot.runners.access_tokens import RETRY
from mailbot.runners.probes import Fault, probe_imap
from mailbot.runners.relays import Relay
from tests.servers.test_dovecot import Running, context, handled, mail
from tests.servers.test_relay import ITEM, LOGIN, NOW
from tests.testkit.certificates import certificate
from tests.testkit.desk import FORM
from tests.testkit.dovecot import USER, Dovecot
from tests.testkit.new_stores import write_private
from tests.testkit.postfix import Postfix
from tests.testkit.token_service import CLIENT, SECRET, TENANT, TokenService
from tests.testkit.waiting import until

pytestmark = pytest.mark.slow
__all__ = ["context"]  # a fixture


@pytest.fixture
def service(dovecot: Dovecot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[TokenService]:
    """Its tokens are those that Dovecot takes."""
    made = TokenService(tmp_path / "ca.pem", on_issue=lambda token: dovecot.tokens.good.__setitem__(token, USER))
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(made.ca_file))
    yield made
    made.close()


def config_of(folder: Path, service: TokenService, imap_port: int, relay_port: int = 0) -> Config:
    write_private(folder / "secret", SECRET.encode())
    path = folder / "config.toml"
    path.write_text(
        f'[oauth2]\nprovider = "microsoft"\nkey_file = "secret"\ntenant = "{TENANT}"\nclient_id = "{CLIENT}"\n'
        f'authority = "{service.url}"\n'
        f'[imap]\nenabled = true\nhost = "127.0.0.1"\nport = {imap_port}\ntls = "none"\nuser = "{USER}"\noauth2 = true\n'
        f'[relay]\nhost = "127.0.0.1"\nport = {relay_port}\ntls = "starttls"\nuser = "{USER}"\noauth2 = true\n'
    )
    return load(path, {})


def test_mail_is_fetched_with_a_token_and_again_after_it_was_revoked(
    dovecot: Dovecot, service: TokenService, context: DeskContext, tmp_path: Path
) -> None:
    clock = ManualClock(NOW)
    config = config_of(tmp_path, service, dovecot.port)
    tokens = tokens_of(config, clock)
    assert tokens is not None
    dovecot.deliver(mail(1))
    with Running(imap_of(config, tokens), context):
        until(lambda: handled() == ["submitted"], "the first mail is fetched")
    dovecot.tokens.good.clear()
    assert probe_imap(imap_of(config, tokens)).fault is Fault.REFUSED
    clock.advance(RETRY)
    dovecot.deliver(mail(2, FORM.replace("A0A", "A0B")))
    with Running(imap_of(config, tokens), context):
        until(lambda: handled() == ["submitted"] * 2, "the fetcher is refused once, and logs in with another token")
    assert service.issued == ["token-1", "token-2"]


async def test_notices_are_sent_with_a_token_that_is_replaced_when_refused(
    dovecot: Dovecot,
    postfix: Callable[..., Postfix],
    service: TokenService,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    certificate(tmp_path / "relay.pem")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "relay.pem"))
    more = LOGIN.format(cert=tmp_path / "relay.pem", sasl=dovecot.sasl_port)
    server = await asyncio.to_thread(postfix, {"*": "discard:"}, more)
    clock = ManualClock(NOW)
    config = config_of(tmp_path, service, dovecot.port, server.port)
    tokens = tokens_of(config, clock)
    assert tokens is not None
    relay: Relay = relays_of(config, tokens)[0]
    first = await relay.deliver(ITEM)
    await relay.close()
    dovecot.tokens.good.clear()
    second = await relay.deliver(ITEM)
    clock.advance(RETRY)
    third = await relay.deliver(ITEM)
    await relay.close()
    service.answer = (401, b'{"error": "invalid_client", "error_description": "the secret has expired"}')
    clock.advance(timedelta(minutes=40))
    renewed = await asyncio.to_thread(tokens.renew_if_due)
    alert = await relay.deliver(ITEM)  # a new connection, with the last token
    await relay.close()
    clock.advance(timedelta(minutes=20))
    expired = await relay.deliver(ITEM)
    assert first.accepted, (first, server.log())
    assert (second.accepted, second.permanent, second.code) == (False, False, 535), second
    assert not renewed and alert.accepted, (alert, server.log())
    assert (expired.accepted, expired.permanent) == (False, False) and "no access token" in expired.reply
    assert third.accepted and service.issued == ["token-1", "token-2"]
    await asyncio.to_thread(server.logged, "sasl_method=XOAUTH2")
