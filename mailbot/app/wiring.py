"""The settings of the runners, made from the configuration.  `server.py` uses them."""

import ssl
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from pathlib import Path

from mailbot.app.machine import machine_name
from mailbot.clock import Clock, SystemClock
from mailbot.config import Config
from mailbot.errors import MailbotError, Temporary
from mailbot.runners.access_tokens import AccessTokens
from mailbot.runners.alert_relay import RelayWithSecond
from mailbot.runners.confinement import Limits
from mailbot.runners.delivery import FindQueueId, Retries, no_relay_log
from mailbot.runners.imap import ImapAddress
from mailbot.runners.postfix_log import find_queue_id
from mailbot.runners.relays import FolderRelay, Relay, RelayAddress, SmtpRelay
from mailbot.runners.smtp.connections import ConnectionLimits
from mailbot.runners.smtp.handler import SmtpSettings
from mailbot.runners.tls import reload_certificate, server_context
from mailbot.runners.token_providers import TokenAccount, request_of
from mailbot.runners.web.connection import WebLimits
from mailbot.runners.web.server import WebAddress


def relays_of(config: Config, tokens: AccessTokens | None = None) -> list[Relay]:
    """The connections to the relay, `relay.connections` of them; without `relay.host` one FolderRelay.

    `tokens`: those of `tokens_of`, which a running desk renews.
    """
    relay = config.relay
    if not relay.host:
        return [FolderRelay(config.resolve(relay.directory))]
    address = relay_of(config, tokens)
    relays: list[Relay] = [SmtpRelay(address) for _ in range(relay.connections)]
    if not relay.alert_host:
        return relays
    second = RelayAddress(
        relay.alert_host, relay.alert_port, timeout_seconds=relay.timeout_seconds, hostname=config.smtp.hostname
    )
    return [RelayWithSecond(one, SmtpRelay(second)) for one in relays]


def tokens_of(config: Config, clock: Clock) -> AccessTokens | None:
    """The access tokens for relay and IMAP server; None when none are used, or another program renews them."""
    oauth2, relay, imap = config.oauth2, config.relay, config.imap
    users = [one.user for one, used in ((imap, imap.enabled), (relay, bool(relay.host))) if used and one.oauth2]
    if not oauth2.provider or not users:
        return None
    account = TokenAccount(
        oauth2.provider, users[0], config.resolve(oauth2.key_file), oauth2.tenant, oauth2.client_id, oauth2.authority
    )
    return AccessTokens(request_of(account, clock), clock)


def relay_of(config: Config, tokens: AccessTokens | None = None) -> RelayAddress:
    """How the relay is reached."""
    relay = config.relay
    password, refused = _login_of(config, config.relay_password, relay.oauth2, tokens)
    return RelayAddress(
        host=relay.host,
        port=relay.port,
        tls=relay.tls,
        user=relay.user,
        password=password,
        oauth2=relay.oauth2,
        refused=refused,
        timeout_seconds=relay.timeout_seconds,
        hostname=config.smtp.hostname,
    )


def retries_of(config: Config) -> Retries:
    """When a failed delivery is tried again."""
    relay = config.relay
    return Retries(
        first=timedelta(seconds=relay.retry_first_seconds),
        longest=timedelta(seconds=relay.retry_max_seconds),
        give_up_after=timedelta(days=relay.give_up_days),
    )


def limits_of(config: Config) -> Limits:
    """What one incoming mail may use."""
    worker = config.worker
    return Limits(
        cpu_seconds=worker.cpu_seconds,
        cpu_seconds_per_mb=worker.cpu_seconds_per_mb,
        memory_mb=worker.memory_mb,
        memory_mb_per_mb=worker.memory_mb_per_mb,
    )


def find_queue_id_of(config: Config) -> FindQueueId:
    """How to look up a mail in the relay's log, if `relay.postfix_log` is set."""
    if not config.relay.postfix_log:
        return no_relay_log
    return partial(find_queue_id, config.resolve(config.relay.postfix_log))


def smtp_of(config: Config, token_keys: tuple[bytes, ...]) -> SmtpSettings:
    """The settings of the SMTP server."""
    smtp = config.smtp
    return SmtpSettings(
        desk_address=config.desk.address,
        hostname=smtp.hostname or machine_name(),
        max_message_bytes=smtp.max_message_bytes,
        max_data_bytes=smtp.max_data_bytes,
        max_recipients=smtp.max_recipients,
        max_errors=smtp.max_errors,
        connections=ConnectionLimits(
            most=smtp.max_connections,
            most_of_client=smtp.max_connections_per_client,
            most_of_client_in_a_minute=smtp.max_connections_per_minute,
            evict_after_seconds=smtp.evict_after_seconds,
            exempt=tuple(smtp.unlimited_clients),
        ),
        timeout_seconds=smtp.timeout_seconds,
        session_seconds=smtp.session_seconds,
        min_data_rate=smtp.min_data_rate,
        min_free_bytes=smtp.min_free_bytes,
        token_keys=token_keys,
    )


def web_of(config: Config) -> WebAddress:
    """The address that the pages are served on, with its limits."""
    web = config.web
    cert, key = (str(config.resolve(one)) if one else "" for one in (web.tls_cert, web.tls_key))
    proxies = tuple(web.trusted_proxies)
    limits = WebLimits(web.max_connections, web.max_connections_per_client, web.request_seconds, exempt=proxies)
    return WebAddress(web.host, web.port, cert, key, proxies, limits=limits)


def health_of(config: Config) -> WebAddress:
    """The address of the health check."""
    limits = WebLimits(request_seconds=config.web.request_seconds)
    return WebAddress(config.web.health_host, config.web.health_port, key="web.health_port", limits=limits)


def tls_of(config: Config) -> ssl.SSLContext | None:
    """The TLS context for STARTTLS; None without a certificate.  Raises ConfigError when it cannot be used."""
    return server_context(*_smtp_certificate(config)) if config.smtp.tls_cert else None


def reload_tls(context: ssl.SSLContext, config: Config) -> None:
    """Put the certificate that `config` names into the context of STARTTLS.  Raises ConfigError."""
    if config.smtp.tls_cert:
        reload_certificate(context, *_smtp_certificate(config))


def _smtp_certificate(config: Config) -> tuple[Path, Path | None, str]:
    """File of the certificate, file of its key, and the names of both in error texts."""
    smtp = config.smtp
    key = config.resolve(smtp.tls_key) if smtp.tls_key else None
    return config.resolve(smtp.tls_cert), key, "smtp.tls_cert / smtp.tls_key"


def imap_of(config: Config, tokens: AccessTokens | None = None) -> ImapAddress:
    """The IMAP folder that mail is fetched from."""
    imap = config.imap
    password, refused = _login_of(config, config.imap_password, imap.oauth2, tokens)
    return ImapAddress(
        host=imap.host,
        port=imap.port,
        tls=imap.tls,
        user=imap.user,
        password=password,
        oauth2=imap.oauth2,
        refused=refused,
        folder=imap.folder,
        done_folder=imap.done_folder,
        idle=imap.idle,
        poll_seconds=imap.poll_seconds,
        max_message_bytes=config.smtp.max_message_bytes,
    )


def _login_of(
    config: Config, read: Callable[[], str], oauth2: bool, tokens: AccessTokens | None
) -> tuple[Callable[[], str], Callable[[], None]]:
    """What gives the password or access token for a login, and what is called when it was refused."""
    if oauth2 and config.oauth2.provider:
        tokens = tokens or tokens_of(config, SystemClock())
        if tokens is not None:
            return tokens.current, tokens.refused
    return password_of(read), lambda: None


def password_of(read: Callable[[], str]) -> Callable[[], str]:
    """A function that reads the password or access token anew: another program may renew the file.

    The function raises Temporary when the file cannot be read.
    """

    def read_again() -> str:
        try:
            return read()
        except MailbotError as error:
            raise Temporary(error.public, error.detail) from error

    return read_again
