"""Checks of ports, relay and IMAP server."""

import errno
import socket
from collections.abc import Iterator

from mailbot.app.checks.kinds import Problem, problem
from mailbot.app.checks.surroundings import Surroundings
from mailbot.app.wiring import imap_of, relay_of
from mailbot.errors import Temporary
from mailbot.runners.probes import Answer, Fault, probe_imap, probe_relay

_HEALTH_SECONDS = 2.0


def ports(about: Surroundings) -> Iterator[Problem]:
    """Whether the ports of the desk can be opened; those of a running desk are its own."""
    config = about.config
    if about.running or desk_runs(about):
        return
    wanted = [
        ("smtp.port", config.smtp.host, config.smtp.port),
        ("web.health_port", config.web.health_host, config.web.health_port),
    ]
    if config.web.enabled:
        wanted.append(("web.port", config.web.host, config.web.port))
    for key, host, port in wanted:
        error = _bind(host, port) if port else None
        if error is None:
            continue
        where, why = f"{host}:{port}", error.strerror or str(error)
        if error.errno == errno.EACCES:
            yield problem("port-not-allowed", key=key, where=where, why=why)
        else:
            yield problem("smtp-port-taken" if key == "smtp.port" else "web-port-taken", key=key, where=where, why=why)


def desk_runs(about: Surroundings) -> bool:
    """Whether a desk of this configuration answers on its health port."""
    web = about.config.web
    if not web.health_port:
        return False
    try:
        with socket.create_connection((web.health_host, web.health_port), timeout=_HEALTH_SECONDS) as client:
            client.settimeout(_HEALTH_SECONDS)
            client.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            answer = client.recv(4096)
    except OSError:
        return False
    return answer.startswith((b"HTTP/1.1 200", b"HTTP/1.1 503"))


def _bind(host: str, port: int) -> OSError | None:
    try:
        with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as listener:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind((host, port))
    except OSError as error:
        return error
    return None


_RELAY = {
    Fault.DEAD: "relay-dead",
    Fault.NO_STARTTLS: "relay-no-starttls",
    Fault.TLS: "relay-tls",
    Fault.NO_AUTH: "relay-no-auth",
    Fault.REFUSED: "relay-refused",
}
_IMAP = {
    Fault.DEAD: "imap-dead",
    Fault.NO_STARTTLS: "imap-no-starttls",
    Fault.TLS: "imap-tls",
    Fault.REFUSED: "imap-refused",
    Fault.NO_FOLDER: "imap-no-folder",
}


def access_tokens(about: Surroundings) -> Iterator[Problem]:
    """Whether the provider of the mailbox issues an access token: a new one is requested."""
    if about.tokens is not None:
        try:
            about.tokens.current()
        except Temporary as error:
            yield problem("token-not-renewed", provider=about.config.oauth2.provider, why=error.detail)


def relay(about: Surroundings) -> Iterator[Problem]:
    """Whether the relay can be used as configured."""
    settings = about.config.relay
    if settings.host:
        answer = probe_relay(relay_of(about.config, about.tokens))
        yield from _said(answer, _RELAY, where=f"{settings.host}:{settings.port}", user=settings.user)


def imap(about: Surroundings) -> Iterator[Problem]:
    """Whether mail can be fetched as configured."""
    settings = about.config.imap
    if settings.enabled:
        answer = probe_imap(imap_of(about.config, about.tokens))
        where = f"{settings.host}:{settings.port}"
        yield from _said(answer, _IMAP, where=where, user=settings.user, folder=settings.folder)


def _said(answer: Answer, codes: dict[Fault, str], **values: object) -> Iterator[Problem]:
    if answer.fault in codes:  # a missing password is `files.passwords`, a token `access_tokens`
        yield problem(codes[answer.fault], why=answer.words, **values)
