"""Notices that are announced to the process that writes: as datagrams, which may be lost."""

import socket
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from mailbot.model.notice import NoticeKind
from mailbot.model.people import Role
from mailbot.model.standing import Standing
from mailbot.records.queues.unwritten import UnwrittenNotice
from mailbot.runners.notices_ahead import announcing, notice_of, octets_of, receiving, socket_pair

NOTICE = UnwrittenNotice(
    message_id="<1@desk.example>",
    kind=NoticeKind.RECEIVED,
    role=Role.CONTACT,
    recipient="taro@naxtrade.example",
    envelope_sender="desk+b1@desk.example",
    value={"$": "NoticeToWrite", "content": {"receipt": "2026-00001", "名称": ["通関", None, True]}},
    application_id=7,
    caused_by=3,
    standing=Standing.VOUCHED,
    created_at=datetime(2026, 11, 30, 9, 0, 0, 123456, UTC),
)


@pytest.fixture
def ends() -> Iterator[tuple[socket.socket, socket.socket]]:
    deciding, writing = socket_pair()
    with deciding, writing:
        yield deciding, writing


@pytest.mark.parametrize("notice", [NOTICE, replace(NOTICE, application_id=None, caused_by=None, value={})])
def test_a_notice_arrives_as_it_was(notice: UnwrittenNotice, ends: tuple[socket.socket, socket.socket]) -> None:
    assert notice_of(octets_of(notice)) == notice
    got: list[UnwrittenNotice] = []
    announcing(ends[0])(notice)
    receiving(ends[1], got.append)()
    assert got == [notice]


def test_nobody_waits_for_a_process_that_does_not_read(ends: tuple[socket.socket, socket.socket]) -> None:
    """Nor does a notice longer than a datagram stop anything."""
    announce, got = announcing(ends[0]), list[UnwrittenNotice]()
    announce(replace(NOTICE, value={"x": "x" * 10_000_000}))
    for _ in range(10_000):
        announce(NOTICE)
    receiving(ends[1], got.append)()
    assert got == [NOTICE]


@pytest.mark.parametrize("octets", [b"", b"\xff", b"{}", b"[]", b"null", octets_of(NOTICE)[:-9], b'{"kind": "x"}'])
def test_what_is_no_notice_is_ignored(octets: bytes, ends: tuple[socket.socket, socket.socket]) -> None:
    ends[0].send(octets)
    receiving(ends[1], lambda notice: pytest.fail(f"{notice}"))()
    receiving(ends[1], lambda notice: pytest.fail(f"{notice}"))()  # nothing is left


def test_what_a_process_that_works_does_not_want_is_dropped(ends: tuple[socket.socket, socket.socket]) -> None:
    got: list[UnwrittenNotice] = []
    wanted = [True, False]
    receive = receiving(ends[1], got.append, wanted.pop)
    for message_id in ("<1@desk.example>", "<2@desk.example>"):
        announcing(ends[0])(replace(NOTICE, message_id=message_id))
        receive()
    assert [notice.message_id for notice in got] == ["<2@desk.example>"]
