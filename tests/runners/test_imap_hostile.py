"""An IMAP server that is hostile or broken: bounded memory, every honest message is stored once, and the desk can stop."""

import re
import socketserver
import threading
from collections.abc import Callable, Iterator

import pytest

from mailbot.clock import SystemClock
from mailbot.records.queues import received
from mailbot.runners import imap
from mailbot.runners.imap import ImapAddress, ImapFetcher
from tests.testkit.desk import DeskUnderTest
from tests.testkit.waiting import until

MESSAGE = b"From: taro@naxtrade.example\r\nTo: desk@desk.example\r\nMessage-ID: <%d@x>\r\n\r\nx\r\n"
REFUSED = b"NO"
MOST = 100_000  # octets of a message
Answer = Callable[
    ["HostileServer", str, int], bytes | None
]  # (server, command, UID) → other octets than the honest ones


class HostileServer:
    """Answers like a server with three messages, but for what `answer` says; None: it closes the connection."""

    def __init__(self, answer: Answer) -> None:
        self.connections = 0
        self.moved: list[int] = []
        self.messages = {1: MESSAGE % 1, 2: MESSAGE % 2, 3: MESSAGE % 3}
        self.uidvalidity = 7
        outer = self

        class Handler(socketserver.StreamRequestHandler):
            disable_nagle_algorithm = True  # an answer is two segments: the second would wait for the delayed ACK

            def handle(self) -> None:
                outer.connections += 1
                self.wfile.write(b"* OK [CAPABILITY IMAP4rev1 MOVE IDLE] ready\r\n")
                for line in self.rfile:
                    tag, _, words = line.decode().strip().partition(" ")
                    uid = int(found[1]) if (found := re.search(r"UID \w+ (\d+)", words)) else 0
                    said = answer(outer, words, uid)
                    if said is None:
                        return
                    try:
                        if said != REFUSED:
                            self.wfile.write(said or outer.honest(words, uid))
                        if words == "IDLE":
                            self.rfile.readline()  # DONE
                        self.wfile.write(f"{tag} {'NO refused' if said == REFUSED else 'OK done'}\r\n".encode())
                    except OSError:
                        return

        self._server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def honest(self, words: str, uid: int) -> bytes:
        raw = self.messages.get(uid, b"")
        match words.split()[:2]:
            case ["SELECT", _]:
                return b"* 3 EXISTS\r\n* OK [UIDVALIDITY %d] ok\r\n" % self.uidvalidity
            case ["LIST", _]:
                return b'* LIST () "/" "mailbot"\r\n'
            case ["CAPABILITY"]:
                return b"* CAPABILITY IMAP4rev1 MOVE IDLE\r\n"
            case ["IDLE"]:
                return b"+ idling\r\n"
            case ["UID", "SEARCH"]:
                return b"* SEARCH " + b" ".join(b"%d" % one for one in self.messages) + b"\r\n"
            case ["UID", "FETCH"] if raw and "SIZE" in words:
                return b"* 1 FETCH (UID %d RFC822.SIZE %d)\r\n" % (uid, len(raw))
            case ["UID", "FETCH"] if raw:
                return b"* 1 FETCH (UID %d BODY[] {%d}\r\n%s)\r\n" % (uid, len(raw), raw)
            case ["UID", "MOVE"]:
                self.moved.append(uid)
                self.messages.pop(uid, None)
        return b""

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


def once(what: str, uid: int, said: bytes | None) -> Answer:
    """Something else at the first such command about a message; honest afterwards."""
    left = [1]

    def answer(server: HostileServer, words: str, number: int) -> bytes | None:
        return said if what in words and number == uid and left and left.pop() else b""

    return answer


def always(what: str, uid: int, said: bytes | None) -> Answer:
    return lambda server, words, number: said if what in words and number == uid else b""


def deleted_meanwhile(server: HostileServer, words: str, uid: int) -> bytes | None:
    if "BODY" in words and uid == 1:
        server.messages.pop(1, None)
        return b"* 1 EXPUNGE\r\n"
    return b""


def new_uidvalidity(server: HostileServer, words: str, uid: int) -> bytes | None:
    if "BODY" in words and uid == 2 and server.uidvalidity == 7:
        server.uidvalidity = 8
        return None
    return b""


HUGE = b"* 1 FETCH (UID 1 BODY[] {9000000000}\r\n" + b"x" * 5_000_000
ENDLESS = b"* OK " + b"x" * 5_000_000
BEHAVIOURS: dict[str, tuple[Answer, set[int]]] = {  # with the numbers of the messages that are stored
    "honest": (lambda *_: b"", {1, 2, 3}),
    "a literal that is never complete, once": (once("BODY", 1, HUGE), {1, 2, 3}),
    "a line without an end, once": (once("BODY", 1, ENDLESS), {1, 2, 3}),
    "long lines without an end, once": (once("BODY", 1, b"* OK %s\r\n" % (b"x" * 900) * 3_000), {1, 2, 3}),
    "disconnected in the middle of a message": (once("BODY", 2, None), {1, 2, 3}),
    "disconnected in a literal": (once("MOVE", 2, None), {1, 2, 3}),
    "deleted meanwhile": (deleted_meanwhile, {2, 3}),
    "another UIDVALIDITY": (new_uidvalidity, {1, 2, 3}),
    "no body": (always("BODY", 1, b"* 1 FETCH (UID 1 BODY[] NIL)\r\n"), {2, 3}),
    "no size": (always("SIZE", 1, b"* 1 FETCH (UID 1)\r\n"), {2, 3}),
    "a size that is no number": (always("SIZE", 1, b"* 1 FETCH (UID 1 RFC822.SIZE x)\r\n"), {2, 3}),
    "not parseable": (always("SIZE", 1, b"* 1 FETCH (UID 1 RFC822.SIZE (((\r\n"), {2, 3}),
    "a size that is a lie": (always("SIZE", 1, b"* 1 FETCH (UID 1 RFC822.SIZE 1)\r\n"), {1, 2, 3}),
    "refuses to fetch": (always("FETCH", 1, REFUSED), {2, 3}),
    "refuses to move": (always("MOVE", 1, REFUSED), {1, 2, 3}),
}


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(imap, "FIRST_DELAY", 0.05)
    monkeypatch.setattr(imap, "STOP_SECONDS", 0.5)


@pytest.fixture
def run(desk: DeskUnderTest) -> Iterator[Callable[..., HostileServer]]:
    ends: list[Callable[[], None]] = []

    def start(answer: Answer, *, idle: bool = False, poll_seconds: int = 1) -> HostileServer:
        server = HostileServer(answer)
        address = ImapAddress(
            "127.0.0.1", server.port, "none", "desk", lambda: "x",
            poll_seconds=poll_seconds, idle=idle, max_message_bytes=MOST,
        )  # fmt: skip
        fetcher = ImapFetcher(address, desk.context, SystemClock(), lambda: None)
        fetcher.start()
        ends.extend((fetcher.stop, server.close))
        return server

    yield start
    for end in ends:
        end()


def stored(desk: DeskUnderTest) -> list[int]:
    with desk.store.reading():
        raws = [received.content(desk.store, number) for number in range(1, 20)]
    return sorted(int(found[1]) for raw in raws if raw and (found := re.search(rb"<(\d)@x>", raw)))


@pytest.mark.timeout(90)
@pytest.mark.parametrize(("answer", "expected"), BEHAVIOURS.values(), ids=BEHAVIOURS)
def test_a_hostile_server_keeps_no_message_from_the_desk(
    desk: DeskUnderTest, run: Callable[..., HostileServer], answer: Answer, expected: set[int]
) -> None:
    """T-87, T-100: one message that fails keeps no other waiting; one that was stored is not stored again."""
    server = run(answer)
    until(lambda: set(stored(desk)) == expected and 3 in server.moved, "the messages")
    assert stored(desk) in (sorted(expected), sorted([*expected, *({2} if server.uidvalidity == 8 else ())]))


@pytest.mark.timeout(60)
@pytest.mark.parametrize("lines", [b"* OK x\r\n" * 600_000, b"* 9 FETCH (X {0}\r\n)\r\n" * 300_000, b"+ x\r\n" * 600_000],
                         ids=["responses", "literals", "continuations"])  # fmt: skip
def test_a_server_that_sends_short_lines_without_an_end_is_disconnected(
    desk: DeskUnderTest, run: Callable[..., HostileServer], lines: bytes
) -> None:
    """T-87: they fill no memory, but the processor.  The rest of the answer is not read at the end either."""
    server = run(once("BODY", 1, lines))
    until(lambda: set(stored(desk)) == {1, 2, 3}, "the messages")
    assert server.connections == 2


@pytest.mark.timeout(60)
def test_a_message_announced_together_with_the_begin_of_idle_is_fetched(
    desk: DeskUnderTest, run: Callable[..., HostileServer]
) -> None:
    """It came between SEARCH and IDLE: the announcement is in the buffer of imaplib, not on the socket."""

    def announcing(server: HostileServer, words: str, uid: int) -> bytes | None:
        if words == "IDLE" and len(server.moved) == 3 and not server.messages:
            server.messages[4] = MESSAGE % 4
            return b"+ idling\r\n* 1 EXISTS\r\n"
        return b""

    server = run(announcing, idle=True, poll_seconds=3600)
    until(lambda: stored(desk) == [1, 2, 3, 4] and server.moved == [1, 2, 3, 4], "the message")


@pytest.mark.timeout(60)
def test_a_server_that_never_answers_does_not_keep_the_desk_from_stopping(
    run: Callable[..., HostileServer],
) -> None:
    """T-9: the end of the test stops the fetcher."""
    asked, over = threading.Event(), threading.Event()

    def silent(server: HostileServer, words: str, uid: int) -> bytes | None:
        if "SEARCH" in words:
            asked.set()
            over.wait(50)
        return b""

    run(silent)
    assert asked.wait(30)
