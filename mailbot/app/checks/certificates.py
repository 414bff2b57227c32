"""Checks of the certificates of the SMTP server and of the pages."""

from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from ipaddress import ip_address
from typing import NamedTuple
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key

from mailbot.app.checks.configuration import is_loopback
from mailbot.app.checks.kinds import Problem, problem
from mailbot.app.checks.surroundings import Surroundings
from mailbot.app.machine import machine_name
from mailbot.clock import tokyo_date
from mailbot.config import Config

NEAR = timedelta(days=21)  # an automatic renewal begins 30 days before the end


class _Pair(NamedTuple):
    """Certificate and key of a section; `host`: for whom it should be, with `why`; "": anybody."""

    section: str
    certificate: str
    key: str
    host: str
    why: str


def certificates(about: Surroundings) -> Iterator[Problem]:
    """Each certificate: readable, of its key, valid now and for a while, and for the name it is used with."""
    for pair in _pairs(about):
        yield from _of_pair(pair, about)


def certificate_ends(config: Config) -> dict[str, datetime]:
    """When the certificate of a section expires; without those that cannot be read."""
    ends = {}
    for section, name in (("smtp", config.smtp.tls_cert), ("web", config.web.tls_cert if config.web.enabled else "")):
        with suppress(OSError, ValueError, IndexError):
            if name:
                made = x509.load_pem_x509_certificates(config.resolve(name).read_bytes())[0]
                ends[section] = made.not_valid_after_utc
    return ends


def _pairs(about: Surroundings) -> Iterator[_Pair]:
    config = about.config
    if config.smtp.tls_cert:
        host = config.smtp.hostname or machine_name()
        yield _Pair("smtp", config.smtp.tls_cert, config.smtp.tls_key, host, "smtp.hostname")
    if config.web.enabled and config.web.tls_cert:
        host = urlsplit(config.desk.base_url).hostname or ""
        yield _Pair("web", config.web.tls_cert, config.web.tls_key, host, "desk.base_url")


def _of_pair(pair: _Pair, about: Surroundings) -> Iterator[Problem]:
    name, key_name = f"{pair.section}.tls_cert", f"{pair.section}.tls_key"
    path = about.config.resolve(pair.certificate)
    key_path = about.config.resolve(pair.key) if pair.key else path
    try:
        made = x509.load_pem_x509_certificates(path.read_bytes())[0]
    except (OSError, ValueError, IndexError) as error:
        yield problem("certificate-not-readable", key=name, path=path, why=_why(error))
        return
    try:
        private = load_pem_private_key(key_path.read_bytes(), None)
    except (OSError, ValueError, TypeError) as error:
        yield problem("certificate-not-readable", key=key_name, path=key_path, why=_why(error))
        return
    how = (Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    if made.public_key().public_bytes(*how) != private.public_key().public_bytes(*how):
        yield problem("certificate-of-another-key", key=name, path=path, other=key_path)
    first, last = made.not_valid_before_utc, made.not_valid_after_utc
    if about.now >= last:
        yield problem("certificate-expired", key=name, path=path, day=tokyo_date(last))
    elif about.now < first:
        yield problem("certificate-not-yet-valid", key=name, path=path, day=tokyo_date(first))
    elif last - about.now < NEAR:
        yield problem(
            "certificate-near-its-end", key=name, path=path, day=tokyo_date(last), days=(last - about.now).days
        )
    names = _names(made)
    if pair.host and not is_loopback(pair.host) and not any(_is_for(pair.host, one) for one in names):
        yield problem(
            "certificate-for-another-name", key=name, path=path, names=", ".join(names), host=pair.host, why=pair.why
        )


def _why(error: Exception) -> str:
    if isinstance(error, FileNotFoundError):
        return "no such file"
    return error.strerror or str(error) if isinstance(error, OSError) else "no PEM of this kind"


def _names(made: x509.Certificate) -> list[str]:
    """The names and addresses that it is for (RFC 9525: the subject's common name does not count)."""
    try:
        names = made.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return ["nobody (no subjectAltName)"]
    return [*names.get_values_for_type(x509.DNSName), *map(str, names.get_values_for_type(x509.IPAddress))]


def _is_for(host: str, name: str) -> bool:
    """RFC 9525 §6.3: a wildcard is one whole label, the first."""
    host, name = host.lower().rstrip("."), name.lower()
    try:
        return ip_address(host) == ip_address(name)
    except ValueError:
        return host == name or (name.startswith("*.") and host.partition(".")[2] == name[2:])
