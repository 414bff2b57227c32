"""HTTP requests that only one way of reading fits: a proxy and this server must see the same ones (RFC 9112 §11.2).

h11 repairs what it can (folded fields, lines that end in LF, equal lengths) and lets Transfer-Encoding override
Content-Length.  Here each of them is refused before h11 reads it.  A transfer coding is refused as well: no browser
sends a form in one (RFC 9112 §6.1, §6.3), and so no chunk is ever parsed.
"""

import re

import h11

_END = b"\r\n\r\n"
_STRAY = re.compile(rb"\r(?!\n|\Z)|(?<!\r)\n|\0")  # bare CR, bare LF, NUL; a CR at the end may be half of a line break
_LENGTH = re.compile(rb"[0-9]{1,10}")


def head_problem(received: bytes) -> str:
    """Why the request that `received` begins with is refused, "" when it is not, or not yet known."""
    head, end, _ = received.partition(_END)
    if _STRAY.search(head):
        return "a bare CR, bare LF or NUL"
    if not end:
        return ""
    lines = head.split(b"\r\n")[1:]
    if any(line[:1] in b" \t" for line in lines):
        return "a folded field"
    fields = [(name.lower(), value.strip(b" \t")) for name, _, value in (line.partition(b":") for line in lines)]
    if any(name.strip() == b"transfer-encoding" for name, _ in fields):
        return "a transfer coding"
    lengths = [value for name, value in fields if name.strip() == b"content-length"]
    if len(lengths) > 1 or any(_LENGTH.fullmatch(length) is None for length in lengths):
        return "not one length in digits"
    return ""


class StrictConnection(h11.Connection):
    """The parser of a connection to this server; it raises h11.RemoteProtocolError for a request that is refused."""

    def next_event(self) -> h11.Event | type[h11.NEED_DATA] | type[h11.PAUSED]:
        if self.their_state is h11.IDLE and (problem := head_problem(self.trailing_data[0])):
            raise h11.RemoteProtocolError(problem)
        return super().next_event()
