"""Reply tokens: they bind a reply to one person, role and scope, such as an application's revision (threats, «Tokens»).

`<id 8>.<secret 26>.<mac 16>`, base32 in lower case (RFC 4648 §6), 52 characters: with `desk+` in front it is
shorter than the 64 octets of a local part (RFC 5321 §4.5.3.1.1).  The MAC lets the SMTP server reject invalid tokens
without a query; the authority is the Grant in the store, which has only the SHA-256 of the secret.
"""

import hashlib
import hmac
import re
from base64 import b32encode
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from mailbot.model.people import Role

_SHAPE = re.compile(r"([a-z2-7]{8})\.([a-z2-7]{26})\.([a-z2-7]{16})")
ID_BYTES = 5  # 40 bits
SECRET_BYTES = 16  # 128 bits
MAC_BYTES = 10  # 80 bits


def _base32(data: bytes) -> str:
    return b32encode(data).decode("ascii").rstrip("=").lower()


@dataclass(frozen=True)
class ReplyToken:
    """A reply token.  Its `repr` shows the id only: the secret authorises the person it was sent to."""

    id: str
    secret: str
    mac: str

    def __str__(self) -> str:
        return f"{self.id}.{self.secret}.{self.mac}"

    def __repr__(self) -> str:
        return f"ReplyToken({self.id}.•••)"

    @property
    def secret_hash(self) -> str:
        """Hexadecimal SHA-256 of id and secret, as stored in the grant."""
        return hashlib.sha256(f"{self.id}.{self.secret}".encode()).hexdigest()

    def has_valid_mac(self, *keys: bytes) -> bool:
        """Whether the MAC is that of one of `keys`, in constant time."""
        return any([hmac.compare_digest(self.mac, _mac(key, self.id, self.secret)) for key in keys])


def _mac(key: bytes, token_id: str, secret: str) -> str:
    return _mac_of(key, f"reply:{token_id}.{secret}")


def _mac_of(key: bytes, text: str) -> str:
    return _base32(hmac.new(key, text.encode(), hashlib.sha256).digest()[:MAC_BYTES])


def bounce_tag(key: bytes, token_id: str) -> str:
    """The tag `<id>.<mac>` of a notice's Return-Path: it identifies the notice that a report is about.

    It authorises nothing, and its MAC is not that of the reply token.
    """
    return f"{token_id}.{_mac_of(key, f'bounce:{token_id}')}"


def is_bounce_tag(text: str, *keys: bytes) -> bool:
    """Whether `text` is a `bounce_tag` made with one of `keys`, in any case, in constant time."""
    token_id = text.lower().partition(".")[0]
    return any([hmac.compare_digest(text.lower().encode(), bounce_tag(key, token_id).encode()) for key in keys])


def random_text(random_bytes: Callable[[int], bytes]) -> str:
    """A random identifier of 128 bits, base32 in lower case.  `random_bytes`: `secrets.token_bytes`."""
    return _base32(random_bytes(SECRET_BYTES))


def new_token(key: bytes, random_bytes: Callable[[int], bytes]) -> ReplyToken:
    """A new token.  `random_bytes`: `secrets.token_bytes`."""
    token_id = _base32(random_bytes(ID_BYTES))
    secret = _base32(random_bytes(SECRET_BYTES))
    return ReplyToken(token_id, secret, _mac(key, token_id, secret))


def parse_token(text: str) -> ReplyToken | None:
    """The token that `text` consists of, in any case (some mail systems change it), or None."""
    match = _SHAPE.fullmatch(text.lower())
    return ReplyToken(*match.groups()) if match else None


def find_tokens(text: str) -> list[ReplyToken]:
    """Every substring of `text` (an address) with the syntax of a token, in order."""
    return [ReplyToken(*groups) for groups in _SHAPE.findall(text.lower())]


@dataclass(frozen=True)
class ForApplication:
    """Scope: a reply is about one application at `revision`."""

    application_id: int
    revision: int


@dataclass(frozen=True)
class ForDigest:
    """Scope: a reply may decide on each application that the digest with this token lists."""


@dataclass(frozen=True)
class ForChallenge:
    """Scope: a reply confirms or denies that its author wrote the mail `mail_id` (id in the inbox)."""

    mail_id: int


@dataclass(frozen=True)
class ForInquiry:
    """Scope: a reply answers the inquiry `mail_id`; a keyword in it decides on its application at `revision`."""

    mail_id: int
    application_id: int | None = None
    revision: int | None = None


@dataclass(frozen=True)
class ForDailyList:
    """Scope: a reply may act on each item that the daily list with this token names."""


Scope = ForApplication | ForDigest | ForChallenge | ForInquiry | ForDailyList


@dataclass(frozen=True)
class Grant:
    """The authority of a token: its scope, and the person and role that may use it."""

    token_id: str
    secret_hash: str
    scope: Scope
    email: str
    role: Role
    expires_at: datetime
    void_at: datetime | None = None  # when it was used or superseded
    # The token was also the Message-ID of its notice, which every reply and every relay log names: it still tells what
    # a reply is about, and proves nothing.
    disclosed: bool = False

    def is_live(self, now: datetime) -> bool:
        """Whether the token is valid at `now`: neither void nor expired."""
        return self.void_at is None and now < self.expires_at

    def proves_at(self, now: datetime) -> bool:
        """Whether a mail to its reply address proves that `email` wrote it: nobody else can know the address."""
        return self.is_live(now) and not self.disclosed

    def matches(self, token: ReplyToken) -> bool:
        """Whether `token` is the token of this grant, in constant time."""
        return hmac.compare_digest(self.secret_hash, token.secret_hash)
