"""A person at mutt: a real mail program, typed at through a terminal (its own sending, quoting and encoding)."""

import os
import pty
import select
import signal
import time
from pathlib import Path

import pytest

from tests.testkit.servers import needed
from tests.testkit.waiting import PATIENCE_SECONDS

SETTINGS = """\
set folder="{home}/Maildir" spoolfile="{home}/Maildir" mbox_type=Maildir
set from="{address}" realname="{name}" use_from=yes envelope_from=yes
set charset="utf-8" send_charset="us-ascii:iso-2022-jp:utf-8"
set editor="{home}/editor" edit_headers=yes autoedit=yes
set fast_reply=yes include=yes reply_to=yes quit=yes copy=no move=no beep=no wait_key=no
set smtp_url="smtp://127.0.0.1:{port}/" ssl_starttls=no ssl_force_tls=no
"""
# What is typed goes between the headers and the quote that mutt has put there.
EDITOR = """\
#!/bin/sh
{{ sed '/^$/q' "$1"; cat "{home}/typed"; sed '1,/^$/d' "$1"; }} > "$1.new" && mv "$1.new" "$1"
"""

QUIET_SECONDS = 5


class Mutt:
    """One person's mailbox and settings; mail goes out by SMTP to `port`."""

    def __init__(self, home: Path, name: str, address: str, port: int) -> None:
        needed("mutt", "mutt")
        self._home = home
        for folder in ("cur", "new", "tmp"):
            (home / "Maildir" / folder).mkdir(parents=True)
        (home / "muttrc").write_text(SETTINGS.format(home=home, name=name, address=address, port=port))
        editor = home / "editor"
        editor.write_text(EDITOR.format(home=home))
        editor.chmod(0o755)
        self._received = 0

    def receives(self, raw: bytes) -> None:
        """A mail is delivered into the mailbox."""
        self._received += 1
        (self._home / "Maildir" / "new" / f"{self._received}.mail").write_bytes(raw.replace(b"\r\n", b"\n"))

    def replies_to_the_latest(self, words: str) -> None:
        """Open the mailbox, reply to its last mail with `words` above the quote, send, quit."""
        self._type(words, [(b"Msgs:", b"*r"), (b"Mutt: Compose", b"y"), (b"Mail sent", b"q")])

    def writes(self, to: str, subject: str, words: str) -> None:
        """A new mail."""
        self._type(words, [(b"Mutt: Compose", b"y"), (b"Mail sent", b"")], ["-s", subject, to])

    def _type(self, words: str, steps: list[tuple[bytes, bytes]], options: list[str] | None = None) -> None:
        (self._home / "typed").write_text(words)
        environment = {
            "HOME": str(self._home),
            "TERM": "xterm",
            "LC_ALL": "C.UTF-8",
            "PATH": os.environ["PATH"],
            "TMPDIR": str(self._home),
        }
        arguments = ["mutt", "-F", str(self._home / "muttrc"), *(options or ["-f", str(self._home / "Maildir")])]
        child, terminal = pty.fork()
        if child == 0:
            os.execvpe("mutt", arguments, environment)
        try:
            _converse(terminal, steps)
        finally:
            os.kill(child, signal.SIGHUP)
            os.waitpid(child, 0)
            os.close(terminal)


def _converse(terminal: int, steps: list[tuple[bytes, bytes]]) -> None:
    """Wait for each thing on the screen, and type the keys for it; then until the program ends."""
    screen, end, quiet = b"", time.monotonic() + PATIENCE_SECONDS, 0
    first = steps[0][1] if len(steps) > 2 else b""
    while time.monotonic() < end:
        if not select.select([terminal], [], [], 1)[0]:
            quiet += 1
            if quiet == QUIET_SECONDS and first and len(steps) == 2:  # a slow start throws away what was typed in it
                os.write(terminal, first)
            continue
        quiet = 0
        try:
            piece = os.read(terminal, 65_536)
        except OSError:  # Linux's word for «the other side has ended»
            piece = b""
        if not piece:
            break
        screen += piece
        if b"Update encoding" in screen:  # asked when the editor took longer than the clock of the files shows
            os.write(terminal, b"y")
            screen = b""
        if steps and steps[0][0] in screen:
            os.write(terminal, steps.pop(0)[1])
            screen = b""
    if steps:
        pytest.fail(f"mutt never showed {steps[0][0]!r}; the screen was {screen[-2000:]!r}")
