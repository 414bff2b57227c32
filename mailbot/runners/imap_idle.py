"""IDLE (RFC 2177): wait until an IMAP server announces a change of the folder."""

import threading

from imapclient import IMAPClient
from imapclient.exceptions import IMAPClientAbortError

IDLE_CHECK_SECONDS = 0.5  # how often `stop` is checked while waiting


def wait_idle(client: IMAPClient, seconds: float, stop: threading.Event) -> None:
    """Return when the server has announced something, after `seconds`, or soon after `stop` is set."""
    client.idle()
    try:
        if _buffered_exists(client):
            stop.wait(IDLE_CHECK_SECONDS)  # for a server that announces its messages each time IDLE begins
            return
        waited = 0.0
        while waited < seconds and not stop.is_set():
            if client.idle_check(timeout=IDLE_CHECK_SECONDS):
                return
            waited += IDLE_CHECK_SECONDS
    finally:
        client.idle_done()


def _buffered_exists(client: IMAPClient) -> bool:
    """Whether the server has announced a message (EXISTS) in the octets that were received with its `+`.

    `idle_check` asks the socket whether there is something to read.  What came in one segment with the continuation is
    in the buffer of imaplib already, and the socket has no more.
    """
    socket = client.socket()
    timeout = socket.gettimeout()
    lines = []
    socket.setblocking(False)
    try:
        while True:
            lines.append(client._imap._get_line())
    except (OSError, IMAPClientAbortError) as error:
        if isinstance(error, IMAPClientAbortError) and "EOF" not in str(error):
            raise  # half a line: imaplib says EOF when nothing is left in the buffer
    finally:
        socket.settimeout(timeout)
    return any(line.upper().endswith(b" EXISTS") for line in lines)
