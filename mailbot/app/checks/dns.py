"""Checks of DNS: the name servers, and the records of the desk's own domain."""

import ipaddress
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from mailbot.app.checks.configuration import is_loopback, is_reserved
from mailbot.app.checks.kinds import Problem, problem
from mailbot.app.checks.surroundings import Surroundings
from mailbot.app.machine import machine_name
from mailbot.app.signing import signing_keys_of
from mailbot.errors import ConfigError
from mailbot.mail.dkim.keys import is_key_record, read_key
from mailbot.mail.dkim.record import key_record
from mailbot.mail.dkim.sign import SigningKey
from mailbot.mail.dkim.tags import InvalidTags
from mailbot.mail.dmarc.discovery import Discovery
from mailbot.mail.name_servers import Dns, DnsUnavailable, texts_at
from mailbot.mail.spf_check import check_spf
from mailbot.model.evidence import Result
from mailbot.model.queued_mail import Envelope
from mailbot.runners.nameservers import NameServers

SECONDS = 12.0  # for all queries


def name_servers(about: Surroundings) -> Iterator[Problem]:
    """The name servers answer, and what they say of the desk's own domain is right."""
    config = about.config
    reserved = is_reserved(about.domain)
    if reserved and not config.auth.proof_required:
        return  # nothing is asked
    try:
        servers = NameServers(config.auth.nameservers)
    except (ValueError, OSError) as error:
        yield problem("name-servers-wrong", why=error)
        return
    try:
        with servers.budget(SECONDS):
            servers.lookup("." if reserved else about.domain, "MX")
            if not reserved:
                yield from _own_records(about, servers)
    except DnsUnavailable as error:
        yield problem("name-servers-dead", why=error)


def _own_records(about: Surroundings, dns: Dns) -> Iterator[Problem]:
    """Raises DnsUnavailable."""
    yield from _mx(about, dns)
    yield from _spf(about, dns)
    yield from _dkim(about, dns)
    if not Discovery(dns).policy(about.domain).requested:
        yield problem("dns-no-dmarc", domain=about.domain)
    host = urlsplit(about.config.desk.base_url).hostname or ""
    if (
        about.config.web.enabled
        and host
        and not _is_address(host)
        and not is_loopback(host)
        and not _addresses(host, dns)
    ):
        yield problem("dns-base-url", host=host)


def _mx(about: Surroundings, dns: Dns) -> Iterator[Problem]:
    config, domain = about.config, about.domain
    found: list[tuple[int, str]] = sorted(dns.lookup(domain, "MX"))
    host = config.smtp.hostname or machine_name()
    if not found:
        yield problem("dns-no-mx", domain=domain, address=config.desk.address, host=host)
    for _, name in found:
        if name in ("", "."):
            yield problem("dns-null-mx", domain=domain, host=host)
        elif not _addresses(name, dns):
            yield problem("dns-mx-without-address", domain=domain, host=name)


def _addresses(name: str, dns: Dns) -> list[Any]:
    return [*dns.lookup(name, "A"), *dns.lookup(name, "AAAA")]


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _spf(about: Surroundings, dns: Dns) -> Iterator[Problem]:
    records = [text for text in texts_at(about.domain, dns) if text.lower().split(b" ")[0] == b"v=spf1"]
    if not records:
        yield problem("dns-no-spf", domain=about.domain)
    elif len(records) > 1:
        yield problem("dns-two-spf", domain=about.domain, count=len(records))
    else:
        yield from _spf_of_relay(about, dns)


def _spf_of_relay(about: Surroundings, dns: Dns) -> Iterator[Problem]:
    """Whether the policy allows the relay, where it has a public address: what it sends by, as far as one can see."""
    host, address = about.config.relay.host, about.config.desk.address
    addresses = [host] if _is_address(host) else _addresses(host, dns) if host and not is_reserved(host) else []
    for one in addresses:
        if ipaddress.ip_address(one).is_private:
            continue  # it sends by another address
        result, _ = check_spf(Envelope(address, ()), one, host, dns)
        if result in (Result.FAIL, Result.PERMERROR):
            yield problem("dns-spf-fails", domain=about.domain, host=host, ip=one)


def _dkim(about: Surroundings, dns: Dns) -> Iterator[Problem]:
    try:
        keys = signing_keys_of(about.config)
    except ConfigError:
        return  # `files.signing_keys` says so
    if not keys:
        yield problem("dkim-not-set")
    for setting, key in keys:
        name = f"{key.selector}._domainkey.{about.domain}"
        records = [text for text in texts_at(name, dns) if is_key_record(text)]
        values = {"name": name, "key": setting, "record": key_record(key)}
        if not records:
            yield problem("dns-no-dkim", **values)
        elif not all(_is_of(text, key) for text in records):
            yield problem("dns-other-dkim", **values)


def _is_of(text: bytes, key: SigningKey) -> bool:
    try:
        return read_key(text, key.algorithm).public == key.private.public_key()
    except InvalidTags:
        return False
