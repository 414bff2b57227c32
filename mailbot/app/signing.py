"""The DKIM signer of notices, made from the configuration."""

from mailbot.clock import SystemClock
from mailbot.config import Config
from mailbot.errors import ConfigError, Permanent
from mailbot.mail.dkim.sign import Sign, SigningKey, make_signer, read_signing_key, unsigned
from mailbot.mail.dkim.signature import Algorithm


def signer_of(config: Config) -> Sign:
    """The DKIM signer of notices, with each key that is configured; without one it signs nothing.

    Raises ConfigError when a key cannot be used.
    """
    keys = [key for _, key in signing_keys_of(config)]
    return make_signer(config.desk.address.rpartition("@")[2], keys, SystemClock().now) if keys else unsigned


def signing_keys_of(config: Config) -> list[tuple[str, SigningKey]]:
    """The DKIM keys, each with the setting that names it.  Raises ConfigError when one cannot be used."""
    relay = config.relay
    return [
        (key, _signing_key(config, key, path, selector, algorithm))
        for key, path, selector, algorithm in (
            ("relay.dkim_key", relay.dkim_key, relay.dkim_selector, Algorithm.RSA),
            ("relay.dkim_ed25519_key", relay.dkim_ed25519_key, relay.dkim_ed25519_selector, Algorithm.ED25519),
        )
        if path
    ]


def _signing_key(config: Config, key: str, file: str, selector: str, algorithm: Algorithm) -> SigningKey:
    path = config.resolve(file)
    try:
        mode, content = path.stat().st_mode, path.read_bytes()
    except OSError as error:
        raise ConfigError(f"{key}: {error}") from error
    if mode & 0o077:
        raise ConfigError(f"{key}: {path} can be read by others; run: chmod 600 {path}")
    try:
        return read_signing_key(selector, content, algorithm)
    except Permanent as error:
        raise ConfigError(f"{key}: {path}: {error.public}") from error
