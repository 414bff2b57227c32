"""Requests that two readers take for different ones: a proxy in front of the desk, and the desk (RFC 9112 §11.2)."""

import re

import pytest

from tests.runners.test_web_limits import Connect, Start, connect, received

__all__ = ["connect"]
ROLES = ("smtp", "worker", "sender", "web")
HIDDEN = b"GET /style.css HTTP/1.1\r\nHost: x\r\n\r\n"
CHUNKED = b"0\r\n\r\n"


def posted(*fields: bytes, body: bytes = b"", line: bytes = b"POST /login HTTP/1.1", end: bytes = b"\r\n") -> bytes:
    return end.join((line, b"Host: x", *fields, b"", b"")) + body


REFUSED = {
    "length and chunked": posted(b"Content-Length: 5", b"Transfer-Encoding: chunked", body=CHUNKED),
    "chunked and length": posted(b"Transfer-Encoding: chunked", b"Content-Length: 5", body=CHUNKED),
    "chunked": posted(b"Transfer-Encoding: chunked", body=CHUNKED),
    "chunk extension": posted(b"Transfer-Encoding: chunked", body=b"0;a=\n\r\n\r\n"),
    "chunk lines that end in LF": posted(b"Transfer-Encoding: chunked", body=b"0\n\n"),
    "unknown coding": posted(b"Transfer-Encoding: xchunked", b"Content-Length: 0"),
    "unknown coding, chunked": posted(b"Transfer-Encoding: x, chunked", body=CHUNKED),
    "two codings": posted(b"Transfer-Encoding: chunked", b"Transfer-Encoding: identity", body=CHUNKED),
    "coding behind a tab": posted(b"Transfer-Encoding:\tchunked", b"Content-Length: 0"),
    "coding in HTTP/1.0": posted(b"Transfer-Encoding: chunked", line=b"POST /login HTTP/1.0", body=CHUNKED),
    "equal lengths": posted(b"Content-Length: 0", b"Content-Length: 0"),
    "unequal lengths": posted(b"Content-Length: 0", b"Content-Length: 1"),
    "lengths in one field": posted(b"Content-Length: 0, 0"),
    "signed length": posted(b"Content-Length: +0"),
    "length with an underscore": posted(b"Content-Length: 0_0"),
    "hexadecimal length": posted(b"Content-Length: 0x0"),
    "empty length": posted(b"Content-Length:"),
    "lines that end in LF": posted(b"Content-Length: 0", end=b"\n"),
    "one line that ends in LF": posted(b"A: b\nContent-Length: 0"),
    "bare CR": posted(b"A: b\rContent-Length: 0"),
    "NUL": posted(b"A: b\0"),
    "folded field": posted(b"A: b", b" c", b"Content-Length: 0"),
    "folded length": posted(b"Content-Length:", b" 0"),
    "blank before the colon": posted(b"Content-Length : 0"),
    "no colon": posted(b"Content-Length"),
    "two hosts": posted(b"Host: y", b"Content-Length: 0"),
}


@pytest.mark.parametrize("sent", REFUSED.values(), ids=REFUSED)
async def test_a_request_that_can_be_read_in_two_ways_is_refused(start: Start, connect: Connect, sent: bytes) -> None:
    """T-57: one answer, 400, and the connection is closed: what follows is never a second request."""
    running = await start(roles=ROLES)
    for pages in (running.service.pages, running.service.health):
        reader, writer = await connect(pages)
        writer.write(sent + HIDDEN)
        answer = await received(reader)
        assert re.findall(rb"HTTP/1\.1 (\d+)", answer) == [b"400"] and b"connection: close" in answer.lower()


@pytest.mark.parametrize("size", [1, 7, 10_000])
async def test_requests_in_a_row_are_answered_however_they_are_cut(start: Start, connect: Connect, size: int) -> None:
    running = await start(roles=ROLES)
    reader, writer = await connect(running.service.pages)
    body = b"GET / HTTP/1.1\nHost: y\n\n"
    field = b"Content-Length: %d" % len(body)
    last = HIDDEN.replace(b"Host: x", b"Host: x\r\nConnection: close")
    sent = posted(field, body=body) + HIDDEN + last
    for begin in range(0, len(sent), size):
        writer.write(sent[begin : begin + size])
        await writer.drain()
    assert re.findall(rb"HTTP/1\.1 (\d+)", await received(reader)) == [b"401", b"200", b"200"]
