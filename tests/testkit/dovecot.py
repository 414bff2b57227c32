"""A private Dovecot on loopback: real IMAP, started and stopped by the test (docs/how-to/imap.md has its settings)."""

import contextlib
import grp
import os
import pwd
import shutil
import socket
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from imapclient import IMAPClient

from tests.testkit.access_tokens import Tokens
from tests.testkit.servers import free_port, needed, server_folder
from tests.testkit.waiting import until

USER, PASSWORD = "desk@desk.example", "dovecot-password"
SETTINGS = """\
base_dir = {root}/run
state_dir = {root}/state
log_path = {root}/dovecot.log
protocols = imap lmtp
recipient_delimiter = +
lmtp_hdr_delivery_address = original
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
auth_mechanisms = plain login xoauth2
mail_location = maildir:{root}/mail/%u
mail_uid = {user}
mail_gid = {group}
first_valid_uid = 1
first_valid_gid = 1
default_internal_user = {internal}
default_login_user = {login}
passdb {{
  driver = oauth2
  mechanisms = xoauth2
  args = {root}/oauth2.conf
}}
passdb {{
  driver = static
  mechanisms = plain login
  args = password={password}
}}
userdb {{
  driver = passwd-file
  args = username_format=%u {root}/aliases
}}
userdb {{
  driver = static
  args = uid={user} gid={group} home={root}/mail/%u allow_all_users=yes
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
service auth {{
  chroot =
  inet_listener smtp {{
    address = 127.0.0.1
    port = {sasl_port}
  }}
}}
service lmtp {{
  chroot =
  inet_listener lmtp {{
    address = 127.0.0.1
    port = {lmtp_port}
  }}
}}
service anvil {{
  chroot =
}}
service stats {{
  unix_listener stats-writer {{
    mode = 0666
  }}
}}
"""


@dataclass
class Dovecot:
    """The running server."""

    root: Path
    port: int
    lmtp_port: int  # where Postfix hands over mail for the mailbox
    sasl_port: int  # where Postfix asks it about passwords
    tokens: Tokens
    process: "subprocess.Popen[bytes] | None" = None

    @contextlib.contextmanager
    def client(self) -> Iterator[IMAPClient]:
        client = IMAPClient("127.0.0.1", self.port, ssl=False, timeout=20)
        client.login(USER, PASSWORD)
        try:
            yield client
        finally:
            with contextlib.suppress(Exception):
                client.logout()

    def deliver(self, *mails: bytes) -> None:
        """Put mails into the INBOX, as a mail server would."""
        with self.client() as client:
            for mail in mails:
                client.append("INBOX", mail)

    def folder(self, name: str) -> list[tuple[bytes, tuple[bytes, ...]]]:
        """(raw, flags) of every message of a folder, in order; [] when there is no such folder."""
        with self.client() as client:
            if not client.folder_exists(name):
                return []
            client.select_folder(name, readonly=True)
            found = client.fetch(client.search(["ALL"]), ["BODY.PEEK[]", "FLAGS"])
            return [(row[b"BODY[]"], row[b"FLAGS"]) for _, row in sorted(found.items())]

    def start(self) -> None:
        self.process = subprocess.Popen(["dovecot", "-F", "-c", str(self.root / "dovecot.conf")])
        until(self._answers, "Dovecot answers")

    def stop(self) -> None:
        if self.process is not None:
            self.process.terminate()
            self.process.wait(20)
            self.process = None
            until(lambda: not self._answers(), "Dovecot and its children have let go of the port")

    def _answers(self) -> bool:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), timeout=1) as probe:
            return probe.recv(100).startswith(b"* OK")
        return False


@pytest.fixture
def dovecot() -> Iterator[Dovecot]:
    """A private instance with one mailbox."""
    needed("dovecot", "dovecot-imapd")
    needed("/usr/lib/dovecot/lmtp", "dovecot-lmtpd")
    with server_folder() as root:
        yield from _running(root)


def _running(root: Path) -> Iterator[Dovecot]:
    me = pwd.getpwuid(os.getuid()).pw_name
    user, internal, login = (me, me, me) if me != "root" else ("dovecot", "dovecot", "dovenull")
    group = grp.getgrgid(pwd.getpwnam(user).pw_gid).gr_name
    for folder in ("run", "state", "mail"):
        (root / folder).mkdir()
    if me == "root":
        shutil.chown(root / "mail", user, group)
    tokens = Tokens()
    server = Dovecot(root, free_port(), free_port(), free_port(), tokens)
    (root / "oauth2.conf").write_text(
        f"introspection_url = {tokens.url}\nintrospection_mode = get\nusername_attribute = email\n"
    )
    alias = f"desk-bounces@desk.example::{pwd.getpwnam(user).pw_uid}:{grp.getgrnam(group).gr_gid}::{root}/mail/{USER}"
    (root / "aliases").write_text(f"{alias}::userdb_user={USER}\n")
    (root / "dovecot.conf").write_text(
        SETTINGS.format(
            root=root,
            user=user,
            group=group,
            internal=internal,
            login=login,
            password=PASSWORD,
            port=server.port,
            lmtp_port=server.lmtp_port,
            sasl_port=server.sasl_port,
        )
    )
    server.start()
    yield server
    server.stop()
    tokens.close()
