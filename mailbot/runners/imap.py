"""An IMAP folder as the way in (imapclient): the same inbox, for a desk without a port of its own.

A message is kept and noted in one transaction, and only then moved away in the folder; a process that dies in between
finds it noted, and moves it without keeping it again.
"""

import contextlib
import ssl
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

import structlog
from imapclient import IMAPClient
from imapclient.exceptions import IMAPClientError

from mailbot.clock import Clock
from mailbot.desk.context import DeskContext
from mailbot.errors import Temporary
from mailbot.mail.delivered import envelope_of
from mailbot.model.evidence import Evidence
from mailbot.model.queued_mail import Arrival
from mailbot.records.log import mail_log
from mailbot.records.queues import fetched, inbox
from mailbot.records.queues.fetched import FolderState

CHECK_SECONDS = 0.5  # how soon a stop is noticed while waiting
FIRST_REST, LONGEST_REST = 1.0, 300.0  # seconds before a lost connection is tried again; doubled each time
_LOST = (IMAPClientError, OSError, ssl.SSLError)

log = structlog.get_logger("mailbot.imap")


@dataclass(frozen=True)
class ImapAddress:
    """How to reach the folder.  With `token` the login is XOAUTH2, else by password."""

    host: str
    port: int
    tls: str  # none | starttls | implicit
    user: str
    password: Callable[[], str] = field(repr=False, default=str)
    oauth2: bool = False
    folder: str = "INBOX"
    done_folder: str = "mailbot"
    idle: bool = True
    poll_seconds: int = 60
    max_message_bytes: int = 26_214_400


class ImapFetcher:
    """A thread that fetches what is in the folder, and waits for more."""

    def __init__(self, address: ImapAddress, context: DeskContext, clock: Clock, accepted: Callable[[], None]) -> None:
        """`accepted` is called after each mail that was kept: there is work."""
        self._address = address
        self._context = context
        self._clock = clock
        self._accepted = accepted
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="imap", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Finish the message in hand and end."""
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        rest = FIRST_REST
        while not self._stop.is_set():
            try:
                with self._connected() as client:
                    log.info("imap-connected", host=self._address.host, folder=self._address.folder)
                    rest = FIRST_REST
                    self._serve(client)
            except (*_LOST, Temporary) as error:
                log.warning("imap-lost", error=str(error), retry_seconds=rest)
            except Exception:  # the door itself goes on, whatever it was; the message is still in the folder
                log.exception("imap-failed")
            if self._stop.wait(rest):
                return
            rest = min(2 * rest, LONGEST_REST)

    @contextlib.contextmanager
    def _connected(self):  # type: ignore[no-untyped-def]
        address = self._address
        client = IMAPClient(address.host, address.port, ssl=address.tls == "implicit", timeout=60)
        try:
            if address.tls == "starttls":
                client.starttls()
            if address.oauth2:
                client.oauth2_login(address.user, address.password())
            else:
                client.login(address.user, address.password())
            yield client
        finally:
            with contextlib.suppress(*_LOST):
                client.logout()

    def _serve(self, client: IMAPClient) -> None:
        """Fetch what is there, then wait for more, until the stop or the connection's end."""
        address = self._address
        if not client.folder_exists(address.done_folder):
            client.create_folder(address.done_folder)
            client.subscribe_folder(address.done_folder)
        selected = client.select_folder(address.folder)
        state = FolderState(f"{address.user}@{address.host}", address.folder, int(selected[b"UIDVALIDITY"]))
        while not self._stop.is_set():
            _announced(client)
            for uid in sorted(client.search(["UNDELETED"])):
                if self._stop.is_set():
                    return
                self._take(client, state, uid)
            if not _announced(client):
                self._wait(client)

    def _take(self, client: IMAPClient, state: FolderState, uid: int) -> None:
        """One message: into the inbox, then out of the folder."""
        if not fetched.is_recorded(state, uid):
            size = client.fetch([uid], ["RFC822.SIZE"]).get(uid, {}).get(b"RFC822.SIZE")
            if size is None:
                return  # somebody has taken it away meanwhile
            if size > self._address.max_message_bytes:
                self._too_large(state, uid, size)
            else:
                raw = client.fetch([uid], ["BODY.PEEK[]"]).get(uid, {}).get(b"BODY[]")
                if raw is None:
                    return
                self._keep(state, uid, bytes(raw))
        client.add_flags([uid], [b"\\Seen"])
        if client.has_capability("MOVE"):
            client.move([uid], self._address.done_folder)
        else:
            client.copy([uid], self._address.done_folder)
            client.delete_messages([uid])
            with contextlib.suppress(IMAPClientError):
                client.uid_expunge([uid])

    def _keep(self, state: FolderState, uid: int, raw: bytes) -> None:
        context = self._context
        envelope = envelope_of(raw, context.settings.address)
        evidence = Evidence(details=(f"fetched from {state.folder} ({state.account}), UID {uid}",))
        arrival = Arrival(envelope, raw, evidence, self._clock.now(), source="imap")
        with context.store.transaction():
            if fetched.record_once(state, uid):
                inbox.accept(context.store, [arrival], authenticate=context.settings.proof_required)
        self._accepted()

    def _too_large(self, state: FolderState, uid: int, size: int) -> None:
        """Nobody can be told in the dialogue: it is said in the log, and the message stays for a person to see."""
        with self._context.store.transaction():
            if fetched.record_once(state, uid):
                mail_log.append(
                    at=self._clock.now(),
                    direction="in",
                    recipient=state.account,
                    disposition="refused",
                    reason="too-large",
                    detail=f"UID {uid} of {state.folder}, {size} octets; it is in {self._address.done_folder}",
                )

    def _wait(self, client: IMAPClient) -> None:
        """Until the server says that something is new (IDLE, RFC 2177), or until it is time to look again.

        It is looked at now and then also while idling: a server may forget to say.
        """
        if not (self._address.idle and client.has_capability("IDLE")):
            client.noop()
            self._stop.wait(self._address.poll_seconds)
            return
        client.idle()
        try:
            waited = 0.0
            while waited < self._address.poll_seconds and not self._stop.is_set():
                if client.idle_check(timeout=CHECK_SECONDS):
                    return
                waited += CHECK_SECONDS
        finally:
            client.idle_done()


def _announced(client: IMAPClient) -> bool:
    """Whether the server has said meanwhile that the folder has grown; what it said is then taken as heard.

    What it says with the answer to a SEARCH or a FETCH it does not say again in IDLE (RFC 3501 §7.3.1).
    """
    _, numbers = client._imap.response("EXISTS")
    return any(numbers or [])
