"""The authentication of authors, made from the configuration."""

from mailbot.config import Config
from mailbot.desk.context import Authenticate
from mailbot.errors import ConfigError
from mailbot.mail.authentication import Authenticator
from mailbot.mail.message import Message
from mailbot.model.evidence import Evidence
from mailbot.model.queued_mail import InboxItem
from mailbot.runners.nameservers import NameServers


def authenticate_of(config: Config) -> Authenticate:
    """The authentication of authors by SPF, DKIM and DMARC.  Raises ConfigError when a key or a name server cannot be
    used."""
    auth = config.auth
    try:
        servers = NameServers(auth.nameservers)
    except (ValueError, OSError) as error:
        raise ConfigError(f"auth.nameservers: {error}") from error
    authenticator = Authenticator(
        dns=servers,
        desk_address=config.desk.address,
        trusted=frozenset(one.lower() for one in auth.trusted_authserv_ids),
        relays=frozenset(auth.trusted_relays),
        pinned=pinned_keys_of(config),
    )

    def authenticate(item: InboxItem, message: Message) -> Evidence:
        with servers.budget():
            return authenticator.authenticate(item.raw, message, item.envelope, item.evidence, item.received_at)

    return authenticate


def pinned_keys_of(config: Config) -> dict[tuple[str, str], bytes]:
    """(domain, selector) → the key record, for each of `auth.pinned_dkim`.  Raises ConfigError."""
    return dict(_pinned(config, one) for one in config.auth.pinned_dkim)


def _pinned(config: Config, line: str) -> tuple[tuple[str, str], bytes]:
    parts = line.split()
    if len(parts) != 3:
        raise ConfigError(f"auth.pinned_dkim: {line!r}: expected «domain selector file»")
    try:
        return (parts[0].lower(), parts[1].lower()), config.resolve(parts[2]).read_bytes().strip()
    except OSError as error:
        raise ConfigError(f"auth.pinned_dkim: {error}") from error
