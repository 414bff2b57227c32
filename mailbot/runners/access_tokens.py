"""OAuth2 access tokens for the IMAP server and the relay: kept, and renewed long before they expire.

They are renewed when half of their lifetime is over.  So a renewal that fails is noticed while the desk can still
log in with the last token, and the alert about it is sent.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

from mailbot.clock import Clock
from mailbot.errors import MailbotError, Temporary
from mailbot.logs import get_logger

RETRY = timedelta(seconds=60)  # between two requests, whoever needs a token
SPARE = timedelta(seconds=30)  # before the end of its lifetime a token is not used any more
_STOP_SECONDS = 1.0

log = get_logger("mailbot.oauth2")


@dataclass(frozen=True)
class AccessToken:
    """A token as it was issued (RFC 6749 §5.1)."""

    value: str = field(repr=False)
    lifetime: timedelta


class AccessTokens:
    """The token of one account.  Callable from any thread."""

    def __init__(self, request: Callable[[], AccessToken], clock: Clock) -> None:
        """`request` asks the provider for a new token; it raises MailbotError."""
        self._request = request
        self._clock = clock
        self._lock = threading.Lock()  # held while a token is requested
        self._token: AccessToken | None = None
        self._got = timedelta()  # when, on the monotonic clock
        self._asked: timedelta | None = None  # the last request
        self._error: MailbotError | None = None  # of the last request
        self._refused = False

    def current(self) -> str:
        """A token that is valid, requested if there is none.  Raises Temporary when there is none to be had."""
        if (token := self._valid()) is None:
            self.renew_if_due()
            token = self._valid()
        if token is None:
            raise Temporary("no access token", self._error.detail if self._error is not None else "it has expired")
        return token.value

    def renew_if_due(self) -> bool:
        """Request a new token when half of the lifetime is over, or a server has refused the last one.

        False when the last request has failed.
        """
        with self._lock:
            if self._is_due() and self._may_ask():
                self._renew()
            return self._error is None

    def refused(self) -> None:
        """A server has refused the token: it may have been revoked, and the next is requested early."""
        self._refused = True

    def _renew(self) -> None:
        self._asked = self._clock.elapsed()
        try:
            token = self._request()
        except MailbotError as error:
            self._error = error
            left = self._left()
            log.error("access-token-not-renewed", detail=error.detail, valid_for_seconds=int(left.total_seconds()))
            return
        if self._error is not None:
            log.warning("access-token-renewed-again", lifetime_seconds=int(token.lifetime.total_seconds()))
        self._token, self._got, self._error, self._refused = token, self._asked, None, False

    def _is_due(self) -> bool:
        return self._token is None or self._refused or self._left() <= self._token.lifetime / 2

    def _valid(self) -> AccessToken | None:
        return self._token if self._left() > SPARE and not (self._refused and self._may_ask()) else None

    def _may_ask(self) -> bool:
        return self._asked is None or self._clock.elapsed() - self._asked >= RETRY

    def _left(self) -> timedelta:
        """How long the token is valid."""
        if self._token is None:
            return timedelta()
        return max(timedelta(), self._got + self._token.lifetime - self._clock.elapsed())


class TokenRenewal:
    """A thread that renews the token, used or not."""

    def __init__(self, tokens: AccessTokens, failed: Callable[[], None]) -> None:
        """`failed` is called when a request fails after one that did not."""
        self._tokens = tokens
        self._failed = failed
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="oauth2", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """End without waiting for a provider that does not answer."""
        self._stop.set()
        self._thread.join(_STOP_SECONDS)

    def _run(self) -> None:
        was_well = True
        while not self._stop.is_set():
            well = self._tokens.renew_if_due()
            if was_well and not well:
                self._failed()
            was_well = well
            self._stop.wait(RETRY.total_seconds())
