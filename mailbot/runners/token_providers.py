"""Requests of OAuth2 access tokens to Microsoft (msal) and Google (google-auth), which are extras of the package.

Both without a person: Microsoft by the client credentials of an application (RFC 6749 §4.4), Google by a JWT that the
key of a service account signs (RFC 7523 §2.1).  Only over HTTPS.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from mailbot.clock import Clock
from mailbot.errors import ConfigError, MailbotError, Temporary
from mailbot.runners.access_tokens import AccessToken

MICROSOFT_SCOPE = "https://outlook.office365.com/.default"  # IMAP.AccessAsApp and SMTP.SendAsApp
GOOGLE_SCOPE = "https://mail.google.com/"
SECONDS = 15  # for one request
_LONGEST_WORDS = 300
_FAILED = "no access token could be obtained"


@dataclass(frozen=True)
class TokenAccount:
    """Who asks which provider.  `provider`: microsoft | google; `mailbox`: the account that is logged in to."""

    provider: str
    mailbox: str
    key_file: Path = field(repr=False)
    tenant: str = ""
    client_id: str = ""
    authority: str = ""


def request_of(account: TokenAccount, clock: Clock) -> Callable[[], AccessToken]:
    """The function that requests a token.  Raises ConfigError or Temporary; detail: what the provider said."""
    ask = _ask_microsoft if account.provider == "microsoft" else partial(_ask_google, clock=clock)

    def request() -> AccessToken:
        try:
            return ask(account)
        except MailbotError:
            raise
        except ImportError as error:
            wanted = f"mailbot-desk[{account.provider}]"
            raise ConfigError(_FAILED, f"{error.name} is not installed: pip install '{wanted}'") from error
        except OSError as error:  # a file, or the network: those of requests are OSErrors too
            raise Temporary(_FAILED, _words(error)) from error
        except Exception as error:  # each library has its own, and ValueError for a key that it cannot read
            raise Temporary(_FAILED, _words(error)) from error

    return request


def _ask_microsoft(account: TokenAccount) -> AccessToken:
    import msal

    secret = account.key_file.read_text(encoding="utf-8").strip()
    credential: Any = secret
    if "-----BEGIN" in secret:  # with the certificate, msal computes its SHA-256 thumbprint
        credential = {"private_key": secret, "public_certificate": secret}
    application = msal.ConfidentialClientApplication(  # a new one each time: it would answer from its cache
        account.client_id,
        client_credential=credential,
        authority=f"{account.authority.rstrip('/')}/{account.tenant}",
        instance_discovery=False,  # the authority is configured, and need not be looked up at another server
        timeout=SECONDS,
    )
    answer = application.acquire_token_for_client([MICROSOFT_SCOPE])
    if "access_token" not in answer:
        said = answer.get("error_description") or answer.get("error") or "no token in the answer"
        raise Temporary(_FAILED, _words(said))
    return AccessToken(answer["access_token"], timedelta(seconds=int(answer.get("expires_in", 3600))))


def _ask_google(account: TokenAccount, clock: Clock) -> AccessToken:
    from google.auth.transport.requests import Request
    from google.oauth2 import service_account

    try:
        key = json.loads(account.key_file.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ConfigError(
            _FAILED, f"{account.key_file.name} is no JSON: expected the key of a service account"
        ) from error
    if not isinstance(key, dict) or not str(key.get("token_uri", "")).startswith("https://"):
        raise ConfigError(
            _FAILED, f"{account.key_file.name} has no token_uri with https: it is no key of a service account"
        )
    credentials = service_account.Credentials.from_service_account_info(  # type: ignore[no-untyped-call]
        key, scopes=[GOOGLE_SCOPE], subject=account.mailbox
    )
    credentials.refresh(partial(Request(), timeout=SECONDS))
    expiry = credentials.expiry.replace(tzinfo=UTC)  # naive, in UTC
    return AccessToken(credentials.token, expiry - clock.now())


def _words(said: object) -> str:
    """What a provider or the system said, in one line."""
    if isinstance(said, Exception) and len(said.args) > 1 and isinstance(said.args[0], str):
        said = said.args[0]  # google-auth: what went wrong, and the whole answer
    return (" ".join(str(said).split()) or type(said).__name__)[:_LONGEST_WORDS]
