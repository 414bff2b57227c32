"""The private servers, and a running desk, as fixtures."""

from tests.runners.conftest import start
from tests.servers.dovecot import dovecot
from tests.servers.postfix import postfix

__all__ = ["dovecot", "postfix", "start"]
