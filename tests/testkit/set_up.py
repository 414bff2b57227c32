"""A set-up in which nothing is wrong, with servers of its own on loopback; tests then break one thing of it."""

import base64
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import tomli_w
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa

from mailbot.app.checks.kinds import Finding
from mailbot.app.checks.run import When, run_checks
from mailbot.app.checks.surroundings import read_only_surroundings
from mailbot.app.context import open_desk
from mailbot.config import load
from mailbot.desk.context import DeskContext
from tests.testkit.certificates import certificate
from tests.testkit.desk import import_sample
from tests.testkit.mail_domains import NameServer, Zones
from tests.testkit.new_stores import new_store, write_private
from tests.testkit.records import NOW, URL
from tests.testkit.servers import free_port

DOMAIN, HOST = "moushikomi.jp", "mx.moushikomi.jp"
USER, PASSWORD = "desk", "right"
KEY = rsa.generate_private_key(65537, 1024)  # to load a longer one takes 15 ms each time


def _pem(key: Any) -> bytes:
    how = serialization.PrivateFormat.PKCS8
    return bytes(key.private_bytes(serialization.Encoding.PEM, how, serialization.NoEncryption()))


def record_of(key: Any) -> str:
    der = key.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return f"v=DKIM1; k=rsa; p={base64.b64encode(der).decode()}"


class Relay:
    """A relay with STARTTLS and AUTH, or without."""

    def __init__(self, pem: Path, *, tls: bool = True, auth: bool = True) -> None:
        context = None
        if tls:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(pem)
        self.port = free_port()
        self._controller = _Controller(
            _Handler(),
            "127.0.0.1",
            self.port,
            tls_context=context,
            authenticator=_authenticate,
            auth_require_tls=tls,
            hides_auth=not auth,
        )
        self._controller.start()

    def close(self) -> None:
        self._controller.stop()


class _Handler:
    pass


class _Controller(Controller):
    def __init__(self, *args: Any, hides_auth: bool, **options: Any) -> None:
        super().__init__(*args, **options)
        self._hides_auth = hides_auth

    def factory(self) -> SMTP:
        return _Session(self.handler, hides_auth=self._hides_auth, **self.SMTP_kwargs)


class _Session(SMTP):
    def __init__(self, *args: Any, hides_auth: bool, **options: Any) -> None:
        super().__init__(*args, **options)
        self._hides_auth = hides_auth

    async def push(self, status: Any) -> None:
        words = status if isinstance(status, str) else status.decode()
        if not (self._hides_auth and words[4:].startswith("AUTH")):
            await super().push(status)


def _authenticate(server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
    right = (data.login, data.password) == (USER.encode(), PASSWORD.encode())
    return AuthResult(success=right, handled=False)  # the server replies


class SetUp:
    """The folder of a desk at DOMAIN.  `config`: what is written into config.toml; `zones`: what DNS says."""

    def __init__(self, folder: Path, relay_port: int, name_server: str, zones: Zones) -> None:
        self.folder, self.zones = folder, zones
        self.now: datetime = NOW
        self.user_id = 1000
        self.open: list[Any] = []  # servers of a test, which are closed at its end
        zones.records.clear()
        zones.away.clear()
        zones.records |= {
            (DOMAIN, "MX"): [f"10 {HOST}."],
            (DOMAIN, "NS"): [f"ns.{DOMAIN}."],
            (HOST, "A"): ["192.0.2.10"],
            (f"pages.{DOMAIN}", "A"): ["192.0.2.11"],
            (DOMAIN, "TXT"): ["v=spf1 mx -all"],
            (f"mailbot._domainkey.{DOMAIN}", "TXT"): [record_of(KEY)],
            (f"_dmarc.{DOMAIN}", "TXT"): ["v=DMARC1; p=reject"],
        }
        certificate(folder / "smtp.pem", HOST, now=NOW, last=90, mode=0o600)
        certificate(folder / "web.pem", f"pages.{DOMAIN}", now=NOW, last=90, mode=0o600)
        write_private(folder / "dkim.pem", _pem(KEY))
        write_private(folder / "relay.password", PASSWORD.encode())
        self.config: dict[str, dict[str, Any]] = {
            "desk": {
                "address": f"uketsuke@{DOMAIN}",
                "admin": [f"unyou@{DOMAIN}"],
                "base_url": f"https://pages.{DOMAIN}/",
            },
            "smtp": {"port": free_port(), "hostname": HOST, "tls_cert": "smtp.pem", "tls_key": "smtp.pem"},
            "web": {"port": free_port(), "health_port": free_port(), "tls_cert": "web.pem", "tls_key": "web.pem"},
            "relay": {
                "host": "127.0.0.1",
                "port": relay_port,
                "tls": "starttls",
                "user": USER,
                "password_file": "relay.password",
                "dkim_key": "dkim.pem",
            },
            "auth": {"require": "dmarc", "nameservers": [name_server]},
        }
        new_store(URL, folder, import_sample).close()
        self.write()
        with self.desk():
            pass

    def set(self, section: str, **keys: Any) -> None:
        """Other values for keys of the configuration."""
        self.config.setdefault(section, {}).update(keys)
        self.write()

    def write(self) -> None:
        write_private(self.folder / "config.toml", tomli_w.dumps(self.config).encode())

    @contextmanager
    def desk(self) -> Iterator[DeskContext]:
        """The open desk, to fill its store."""
        with open_desk(load(self.folder / "config.toml", {})) as context:
            yield context

    def findings(self, occasions: tuple[When, ...] = tuple(When), *, reads_all: bool = False) -> list[Finding]:
        """What `mailbot doctor` finds."""
        path = self.folder / "config.toml"
        with read_only_surroundings(load(path, {}), path, self.now, self.user_id, reads_all=reads_all) as about:
            return run_checks(about, occasions)

    def codes(self) -> list[str]:
        return [one.code for one in self.findings()]


def other_key() -> bytes:
    """A DKIM key of the other algorithm."""
    return _pem(ed25519.Ed25519PrivateKey.generate())


__all__ = ["NameServer", "Relay", "SetUp", "Zones"]
