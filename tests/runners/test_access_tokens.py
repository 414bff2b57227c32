"""Access tokens: requested over real HTTPS from a private token service, renewed early, and loud when that fails."""

import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from mailbot.app.wiring import imap_of, relay_of, tokens_of
from mailbot.clock import ManualClock, SystemClock
from mailbot.config import load
from mailbot.errors import MailbotError, Temporary
from mailbot.runners.access_tokens import RETRY, SPARE, AccessToken, AccessTokens, TokenRenewal
from mailbot.runners.token_providers import TokenAccount, request_of
from tests.testkit.new_stores import write_private
from tests.testkit.token_service import (
    CLIENT,
    EXPIRED,
    SECRET,
    TENANT,
    TokenService,
    google_key,
    microsoft_certificate,
)
from tests.testkit.waiting import until

NOW = datetime(2026, 11, 20, 1, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture
def service(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[TokenService]:
    made = TokenService(tmp_path / "ca.pem")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(made.ca_file))
    yield made
    made.close()


def microsoft(service: TokenService, folder: Path, secret: str = SECRET) -> TokenAccount:
    write_private(folder / "secret", f"{secret}\n".encode())
    return TokenAccount("microsoft", "desk@desk.example", folder / "secret", TENANT, CLIENT, service.url)


def microsoft_by_certificate(service: TokenService, folder: Path) -> TokenAccount:
    service.client_key = microsoft_certificate(folder / "key.pem")
    return TokenAccount("microsoft", "desk@desk.example", folder / "key.pem", TENANT, CLIENT, f"{service.url}/")


def google(service: TokenService, folder: Path) -> TokenAccount:
    service.client_key = google_key(folder / "key.json", f"{service.url}/google")
    return TokenAccount("google", "desk@desk.example", folder / "key.json")


Account = Callable[[TokenService, Path], TokenAccount]
ACCOUNTS: list[Account] = [microsoft, microsoft_by_certificate, google]


@pytest.mark.parametrize("account", ACCOUNTS)
def test_a_token_is_issued_anew_for_each_request(account: Account, service: TokenService, tmp_path: Path) -> None:
    request = request_of(account(service, tmp_path), SystemClock())
    first, second = request(), request()
    assert [first.value, second.value] == service.issued == ["token-1", "token-2"]
    assert timedelta(minutes=59) < first.lifetime <= HOUR
    assert "token-1" not in repr(first)
    assert account is not google or service.mailboxes == ["desk@desk.example"] * 2


@pytest.mark.parametrize("account", ACCOUNTS)
@pytest.mark.parametrize(
    "answer",
    [(503, b"busy"), (500, b"{}"), (200, b"{}"), (200, b"<html>"), (403, b'{"error": "access_denied"}'), (404, b"")],
)
def test_whatever_the_provider_answers_is_an_error_for_operators(
    account: Account, answer: tuple[int, bytes], service: TokenService, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("time.sleep", lambda _: None)  # google-auth waits before it tries again
    service.answer = answer
    with pytest.raises(Temporary) as error:
        request_of(account(service, tmp_path), SystemClock())()
    assert error.value.detail and "\n" not in error.value.detail
    assert SECRET not in error.value.detail


def test_what_an_operator_reads(service: TokenService, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def said(account: TokenAccount) -> str:
        with pytest.raises(MailbotError) as error:
            request_of(account, SystemClock())()
        return error.value.detail

    assert said(microsoft(service, tmp_path, secret="of last year")) == EXPIRED
    write_private(tmp_path / "not.json", b"-----BEGIN PRIVATE KEY-----")
    assert "not.json is no JSON" in said(TokenAccount("google", "d", tmp_path / "not.json"))
    google_key(tmp_path / "plain.json", "http://127.0.0.1/google")
    assert "no token_uri with https" in said(TokenAccount("google", "d", tmp_path / "plain.json"))
    assert "No such file" in said(TokenAccount("google", "d", tmp_path / "none.json"))
    good = google(service, tmp_path)
    monkeypatch.setitem(sys.modules, "google.oauth2", None)
    assert "pip install 'mailbot-desk[google]'" in said(good)
    monkeypatch.setitem(sys.modules, "msal", None)
    assert "pip install 'mailbot-desk[microsoft]'" in said(microsoft(service, tmp_path))


@pytest.mark.parametrize("account", [microsoft, google])
def test_a_service_with_another_certificate_gets_no_secret(
    account: Account, service: TokenService, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("REQUESTS_CA_BUNDLE")
    monkeypatch.setattr("time.sleep", lambda _: None)
    with pytest.raises(Temporary) as error:
        request_of(account(service, tmp_path), SystemClock())()
    assert "CERTIFICATE_VERIFY_FAILED" in error.value.detail
    assert service.issued == []


class Provider:
    """Issues tokens of an hour, until it fails."""

    def __init__(self) -> None:
        self.requests, self.fails = 0, False

    def __call__(self) -> AccessToken:
        self.requests += 1
        if self.fails:
            raise Temporary("no token", "the secret has expired")
        return AccessToken(f"token-{self.requests}", HOUR)


def test_a_token_is_renewed_at_half_of_its_lifetime() -> None:
    provider, clock = Provider(), ManualClock(NOW)
    tokens = AccessTokens(provider, clock)
    assert [tokens.current(), tokens.current()] == ["token-1", "token-1"]
    clock.advance(HOUR / 2 - timedelta(seconds=1))
    assert tokens.renew_if_due() and provider.requests == 1
    clock.advance(timedelta(seconds=1))
    assert tokens.renew_if_due() and tokens.current() == "token-2"


def test_while_it_cannot_be_renewed_the_last_one_is_used_until_it_expires() -> None:
    provider, clock = Provider(), ManualClock(NOW)
    tokens = AccessTokens(provider, clock)
    tokens.current()
    provider.fails = True
    clock.advance(HOUR / 2)
    with capture_logs() as lines:
        assert not tokens.renew_if_due()
    assert [(line["log_level"], line["detail"], line["valid_for_seconds"]) for line in lines] == [
        ("error", "the secret has expired", 1800)
    ]
    assert tokens.current() == "token-1"
    assert not tokens.renew_if_due() and provider.requests == 2  # not asked again at once
    clock.advance(HOUR / 2 - SPARE)
    for _ in range(5):  # four connections to the relay and one to the IMAP server do not ask five times
        with pytest.raises(Temporary) as error:
            tokens.current()
        assert error.value.detail == "the secret has expired"
    assert provider.requests == 3
    provider.fails = False
    clock.advance(RETRY)
    assert tokens.current() == "token-4" and tokens.renew_if_due()


def test_a_token_that_a_server_refuses_is_replaced_at_most_once_a_minute() -> None:
    provider, clock = Provider(), ManualClock(NOW)
    tokens = AccessTokens(provider, clock)
    tokens.current()
    tokens.refused()
    assert tokens.current() == "token-1"
    clock.advance(RETRY)
    assert tokens.current() == "token-2"
    clock.advance(RETRY)
    assert tokens.current() == "token-2"


def test_the_thread_renews_and_says_once_that_it_fails() -> None:
    provider, failed = Provider(), []
    provider.fails = True
    renewal = TokenRenewal(AccessTokens(provider, ManualClock(NOW)), lambda: failed.append(1))
    renewal.start()
    until(lambda: failed == [1], "the failure is reported")
    renewal.stop()
    assert provider.requests == 1


def test_the_configuration_names_who_renews(service: TokenService, tmp_path: Path) -> None:
    write_private(tmp_path / "secret", SECRET.encode())
    path = tmp_path / "config.toml"
    path.write_text(
        f'[oauth2]\nprovider = "microsoft"\nkey_file = "secret"\ntenant = "{TENANT}"\nclient_id = "{CLIENT}"\n'
        f'authority = "{service.url}"\n'
        '[imap]\nenabled = true\nuser = "desk@desk.example"\noauth2 = true\n'
        '[relay]\nhost = "relay.example"\nuser = "desk@desk.example"\noauth2 = true\n'
    )
    config = load(path, {})
    tokens = tokens_of(config, SystemClock())
    assert tokens is not None
    assert [relay_of(config, tokens).password(), imap_of(config, tokens).password()] == ["token-1", "token-1"]
    assert relay_of(config).password() == "token-2"  # of a check: a request of its own
    without = load(path, {"MAILBOT_OAUTH2_PROVIDER": "", "MAILBOT_RELAY_PASSWORD": "of-a-program"})
    assert tokens_of(without, SystemClock()) is None and relay_of(without).password() == "of-a-program"
