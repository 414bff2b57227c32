"""The IMAP fetcher (imapclient): puts the messages of a mailbox folder into the inbox, for a desk without an SMTP port.

One transaction stores the message and records its UID; only then the message is moved to another folder.  After a crash
in between, the recorded UID shows that it is stored, and it is only moved.
"""

import contextlib
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from imapclient import IMAPClient
from imapclient.exceptions import IMAPClientAbortError, IMAPClientError, LoginError

from mailbot.clock import Clock
from mailbot.desk.context import DeskContext
from mailbot.errors import Temporary
from mailbot.logs import get_logger
from mailbot.mail.delivered import envelope_of
from mailbot.model.evidence import Evidence
from mailbot.model.queued_mail import Arrival
from mailbot.records.applications.reminders import record_once
from mailbot.records.log import mail_log
from mailbot.records.queues import fetched, received
from mailbot.records.queues.fetched import FolderState
from mailbot.runners.imap_answers import LONGEST, bound_answers
from mailbot.runners.imap_idle import wait_idle
from mailbot.text import one_line

FIRST_DELAY, LONGEST_DELAY = 1.0, 300.0  # seconds before the next attempt to connect; doubled each time
_LONGEST_IDLE = LONGEST.total_seconds() / 2  # of one IDLE, whose answer is bounded like any other
STOP_SECONDS = 5.0  # that `stop` waits for an answer of the server
_BESIDE_A_MESSAGE = 2_000_000  # octets of an answer: a list of a hundred thousand UIDs
_CONNECTION_ERRORS = (IMAPClientError, OSError, ssl.SSLError)

log = get_logger("mailbot.imap")


@dataclass(frozen=True)
class ImapAddress:
    """How to reach the folder.  With `oauth2`, `password` returns an access token and the login is XOAUTH2.

    `refused` is called when the server refuses the login.
    """

    host: str
    port: int
    tls: str  # none | starttls | implicit
    user: str
    password: Callable[[], str] = field(repr=False, default=str)
    oauth2: bool = False
    refused: Callable[[], None] = field(repr=False, default=lambda: None)
    folder: str = "INBOX"
    done_folder: str = "mailbot"
    idle: bool = True
    poll_seconds: int = 60
    max_message_bytes: int = 26_214_400


class ImapFetcher:
    """A thread that fetches the messages of the folder, and waits for new ones."""

    def __init__(self, address: ImapAddress, context: DeskContext, clock: Clock, accepted: Callable[[], None]) -> None:
        """`accepted` is called after each mail that was stored in the inbox."""
        self._address = address
        self._context = context
        self._clock = clock
        self._accepted = accepted
        self._stop = threading.Event()
        self._client: IMAPClient | None = None  # while there is a connection
        self._thread = threading.Thread(target=self._run, name="imap", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Finish the current message and end the thread; a server that does not answer in time is disconnected."""
        self._stop.set()
        self._thread.join(STOP_SECONDS)
        client = self._client
        if client is not None:
            with contextlib.suppress(*_CONNECTION_ERRORS):
                client.socket().shutdown(socket.SHUT_RDWR)
        self._thread.join()

    def _run(self) -> None:
        delay = FIRST_DELAY
        while not self._stop.is_set():
            try:
                with self._connected() as client:
                    log.info("imap-connected", host=self._address.host, folder=self._address.folder)
                    self._client = client
                    for _ in self._serve(client):
                        delay = FIRST_DELAY  # every message of the folder was gone through
            except (*_CONNECTION_ERRORS, Temporary) as error:
                log.warning("imap-connection-lost", error=str(error), retry_seconds=delay)
            except Exception:  # of any kind: it must not end the thread; the message is still in the folder
                log.exception("imap-failed")
            finally:
                self._client = None
            if self._stop.wait(delay):
                return
            delay = min(2 * delay, LONGEST_DELAY)

    @contextlib.contextmanager
    def _connected(self):  # type: ignore[no-untyped-def]
        address = self._address
        client = IMAPClient(address.host, address.port, ssl=address.tls == "implicit", timeout=60)
        bound_answers(client, address.max_message_bytes + _BESIDE_A_MESSAGE, self._clock)
        try:
            if address.tls == "starttls":
                client.starttls()
            try:
                if address.oauth2:
                    client.oauth2_login(address.user, address.password())
                else:
                    client.login(address.user, address.password())
            except LoginError:
                address.refused()
                raise
            yield client
            with contextlib.suppress(*_CONNECTION_ERRORS):
                client.logout()
        finally:  # after an error without LOGOUT: its answer would come after the rest of the one that failed
            with contextlib.suppress(*_CONNECTION_ERRORS):
                client.shutdown()  # else the socket stays open

    def _serve(self, client: IMAPClient) -> Iterator[None]:
        """Fetch the messages of the folder, then wait for new ones, until `stop` or the end of the connection.

        Yields each time when every message was gone through.
        """
        address = self._address
        if not client.folder_exists(address.done_folder):
            client.create_folder(address.done_folder)
            client.subscribe_folder(address.done_folder)
        selected = client.select_folder(address.folder)
        state = FolderState(f"{address.user}@{address.host}", address.folder, int(selected[b"UIDVALIDITY"]))
        while not self._stop.is_set():
            _has_new_messages(client)
            for uid in sorted(client.search(["UNDELETED"])):
                if self._stop.is_set():
                    return
                self._try(client, state, uid)
            yield
            if not _has_new_messages(client):
                self._wait(client)

    def _try(self, client: IMAPClient, state: FolderState, uid: int) -> None:
        """One message; one that the server refuses, or answers unintelligibly about, keeps no other waiting."""
        try:
            self._fetch_and_move(client, state, uid)
        except (IMAPClientAbortError, OSError, Temporary):
            raise  # the connection, or the store
        except (IMAPClientError, ValueError, TypeError, LookupError) as error:
            log.warning("imap-message-failed", uid=uid, error=one_line(repr(error))[:300])

    def _fetch_and_move(self, client: IMAPClient, state: FolderState, uid: int) -> None:
        """Store one message, then move it to the other folder."""
        if not fetched.is_recorded(state, uid):
            size = client.fetch([uid], ["RFC822.SIZE"]).get(uid, {}).get(b"RFC822.SIZE")
            if size is None:
                return  # another client has removed it meanwhile
            if size > self._address.max_message_bytes:
                self._record_too_large(state, uid, size)
            else:
                raw = client.fetch([uid], ["BODY.PEEK[]"]).get(uid, {}).get(b"BODY[]")
                if raw is None:
                    return
                self._store(state, uid, bytes(raw))
        client.add_flags([uid], [b"\\Seen"])
        if client.has_capability("MOVE"):
            client.move([uid], self._address.done_folder)
        else:
            client.copy([uid], self._address.done_folder)
            client.delete_messages([uid])
            with contextlib.suppress(IMAPClientError):
                client.uid_expunge([uid])

    def _store(self, state: FolderState, uid: int, raw: bytes) -> None:
        context = self._context
        envelope = envelope_of(raw, context.settings.address)
        evidence = Evidence(details=(f"fetched from {state.folder} ({state.account}), UID {uid}",))
        arrival = Arrival(envelope, raw, evidence, self._clock.now(), source="imap")
        with context.store.intake.transaction():
            if fetched.record_once(state, uid):
                received.accept(context.store, [arrival])
        self._accepted()

    def _record_too_large(self, state: FolderState, uid: int, size: int) -> None:
        """Record in the mail log that the message is not handled; a person finds it in the other folder."""
        key = f"too-large:{state.account}:{state.folder}:{state.uidvalidity}:{uid}"
        with self._context.store.transaction():
            if record_once(key, self._clock.now()):
                mail_log.append(
                    at=self._clock.now(),
                    direction="in",
                    recipient=state.account,
                    disposition="refused",
                    reason="too-large",
                    detail=f"UID {uid} of {state.folder}, {size} octets; it is in {self._address.done_folder}",
                )

    def _wait(self, client: IMAPClient) -> None:
        """Wait until the server announces a new message (IDLE, RFC 2177), at most `poll_seconds`.

        The limit holds with IDLE as well: not every server announces reliably.
        """
        if not (self._address.idle and client.has_capability("IDLE")):
            client.noop()
            self._stop.wait(self._address.poll_seconds)
            return
        wait_idle(client, min(self._address.poll_seconds, _LONGEST_IDLE), self._stop)


def _has_new_messages(client: IMAPClient) -> bool:
    """Whether the server has sent EXISTS since the last call.

    An EXISTS that came with the response to SEARCH or FETCH is not sent again during IDLE (RFC 3501 §7.3.1).
    """
    _, numbers = client._imap.response("EXISTS")
    return any(numbers or [])
