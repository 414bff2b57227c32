"""The private servers, as fixtures."""

from tests.servers.dovecot import dovecot

__all__ = ["dovecot"]
