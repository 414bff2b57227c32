"""Tests of mail.compose: no header injection, short lines, deterministic output."""

import re
from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.header import Header, decode_header, make_header

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailbot.errors import Permanent
from mailbot.mail.compose import AttachedFile, NewMessage, compose
from mailbot.mail.message import read
from mailbot.model.people import Charset
from tests.testkit.composed_by_library import composed_by_library

MESSAGE = NewMessage(
    from_name="申込受付デスク",
    from_address="desk@desk.example",
    to_name="通関 太郎",
    to_address="taro..x.@docomo.ne.jp",
    reply_to="desk+abc@desk.example",
    subject="【受付完了】パスワード初期化の申込を受け付けました [2600001C]",
    text="申込受付番号：2600001C\n㈱①髙𠮷\n",
    html="<p>申込受付番号：2600001C</p>",
    message_id="<abc@desk.example>",
    date=datetime(2026, 11, 20, 1, 0, tzinfo=UTC),
    in_reply_to="<1@naxtrade.example>",
    references=("<0@desk.example>", "<1@naxtrade.example>"),
    extra_headers={"X-Mailbot-Notice": "received", "X-Mailbot-Receipt": "2600001C"},
)
PAPER = AttachedFile("申込書_2600001A.pdf", "application/pdf", bytes(range(256)) * 20)


def test_a_composed_message() -> None:
    mail = message_from_bytes(compose(MESSAGE), policy=policy.default)
    assert mail["Subject"] == MESSAGE.subject
    assert mail["From"].addresses[0].display_name == "申込受付デスク"
    assert "taro..x.@docomo.ne.jp" in mail["To"]
    assert mail["Date"] == "Fri, 20 Nov 2026 10:00:00 +0900"
    assert (mail["Auto-Submitted"], mail["X-Auto-Response-Suppress"]) == ("auto-generated", "All")
    assert mail["References"] == "<0@desk.example> <1@naxtrade.example>"
    assert mail.get_body(("plain",)).get_content().replace("\r\n", "\n") == MESSAGE.text
    assert mail.get_body(("html",)).get_content().strip() == MESSAGE.html


def test_the_same_message_gives_the_same_octets() -> None:
    assert compose(MESSAGE) == compose(MESSAGE)


def test_lines_are_short_and_end_in_crlf() -> None:
    raw = compose(
        replace(MESSAGE, text="あ" * 5_000, references=tuple(f"<{i}.{'x' * 60}@desk.example>" for i in range(60)))
    )
    assert raw.replace(b"\r\n", b"").count(b"\n") == raw.replace(b"\r\n", b"").count(b"\r") == 0
    assert max(len(line) for line in raw.split(b"\r\n")) <= 200


hostile = st.text(alphabet='a\r\n\0\x0b\x0c\x1c\x85\u2028\u2029: Bcc@<>"\\あ=?', max_size=60)


@given(hostile, hostile, hostile)
def test_no_value_can_add_a_header(subject: str, name: str, extra: str) -> None:
    """T-82; CVE-2024-6923."""
    raw = compose(replace(MESSAGE, subject=subject, to_name=name, extra_headers={"X-Mailbot-Notice": extra}))
    names = sorted(message_from_bytes(raw, policy=policy.compat32).keys())
    assert names == sorted(
        ["From", "To", "Reply-To", "Subject", "Date", "Message-ID", "In-Reply-To", "References", "Auto-Submitted",
         "X-Auto-Response-Suppress", "Content-Language", "X-Mailbot-Notice", "Content-Type", "MIME-Version"]
    )  # fmt: skip


anything = st.text(st.characters(exclude_categories=["Cs"]), max_size=80) | st.text(
    alphabet=' \t\r\n:;"\\\\=?_.-aZ申込髙①\u3000', max_size=200
)
japanese = st.text(alphabet="\r\n.aZ申込あー", max_size=300)  # which ISO-2022-JP has
texts = (
    japanese
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=600)
    | st.lists(anything, max_size=8).map("\n".join)
)
files = st.builds(
    AttachedFile,
    name=anything,
    content_type=st.sampled_from(["application/pdf", "text/calendar"]),
    data=st.binary(max_size=300),
    parameters=st.sampled_from([{}, {"method": "PUBLISH", "charset": "utf-8"}, {"x": "a b;c"}]),
)
ids = st.text(alphabet="abc.@-<>", min_size=1, max_size=30).map(lambda one: f"<{one}>")
messages = st.builds(
    replace,
    st.just(MESSAGE),
    from_name=japanese | anything,
    to_name=japanese | anything,
    subject=japanese | anything,
    text=texts,
    html=texts,
    reply_to=st.sampled_from(["desk+abc@desk.example", "受付@例え.jp", "a" * 60 + "@desk.example"]),
    message_id=ids,
    in_reply_to=st.just("") | ids,
    references=st.lists(ids, max_size=25).map(tuple),
    extra_headers=st.dictionaries(st.sampled_from(["X-Mailbot-Notice", "X-Mailbot-Receipt"]), anything),
    language=st.sampled_from(["ja", "en"]),
    charset=st.sampled_from(Charset),
    attachments=st.lists(files, max_size=2).map(tuple),
)


@settings(max_examples=150)
@given(messages)
def test_the_octets_are_those_of_the_library(message: NewMessage) -> None:
    try:
        written = compose(message)
    except Permanent:
        return  # an address, or a value that would be another field
    assert written == composed_by_library(message)


def test_the_known_way_to_smuggle_a_header() -> None:
    """T-82: the Subject of CVE-2024-6923."""
    raw = compose(replace(MESSAGE, subject="x=?UTF-8?Q?=0A?=Bcc: v@v.example"))
    assert message_from_bytes(raw, policy=policy.default)["Bcc"] is None


@pytest.mark.parametrize("address", ["a@b\r\nBcc: c@d", "a b@x.example", "", "a@x.example>", "<@r:a@x.example>"])
def test_an_address_that_is_none_is_refused(address: str) -> None:
    """T-84."""
    with pytest.raises(Permanent):
        compose(replace(MESSAGE, to_address=address))


OLD = replace(MESSAGE, charset=Charset.ISO_2022_JP)


@pytest.mark.parametrize(
    ("changes", "charset", "html"),
    [
        ({}, "iso-2022-jp", "<p>申込</p>"),
        ({"text": "\x1b$B!!"}, "utf-8", "<p>申込</p>"),
        ({"subject": "\x1b$B!!"}, "utf-8", "<p>申込</p>"),
        ({"to_name": "\x1b(Ja"}, "utf-8", "<p>申込</p>"),
        ({"html": "<p>\x1b$申込</p>"}, "iso-2022-jp", "<p>&#65533;$申込</p>"),
    ],
)
def test_an_escape_character_selects_no_other_character_set(changes: dict[str, str], charset: str, html: str) -> None:
    plain = replace(OLD, text="申込", html="<p>申込</p>", subject="申込", to_name="太郎", from_name="受付")
    message = message_from_bytes(compose(replace(plain, **changes)), policy=policy.default)  # type: ignore[arg-type]
    part = message.get_body(("html",))
    assert part is not None
    assert (part.get_content_charset(), part.get_content().strip()) == (charset, html)


def test_a_message_in_iso_2022_jp() -> None:
    """ISO-2022-JP (RFC 1468) with 7bit encoding, short lines, and no lost text."""
    words = "From ここから　～ようこそ～　①②③ は使わない\r\n".replace("①②③", "123")
    raw = compose(replace(OLD, text=words, attachments=(PAPER,)))
    assert raw.isascii()
    assert b'Content-Type: text/plain; charset="iso-2022-jp"' in raw and b"Content-Transfer-Encoding: 7bit" in raw
    assert words.replace("～", "〜").encode("iso-2022-jp") in raw
    assert "Subject: " + Header(MESSAGE.subject, "iso-2022-jp").encode().split("\n")[0][:30] in raw.decode()
    message = read(raw)
    assert message.text == words.replace("\r\n", "\n")
    assert message.subject == MESSAGE.subject
    assert not message.losses


@pytest.mark.parametrize("words", ["髙﨑商事", "①", "𠮷野", "…✔"])
def test_what_the_old_charset_does_not_have_goes_out_in_utf_8(words: str) -> None:
    """No character is lost."""
    message = read(compose(replace(OLD, text=f"{words}\n")))
    assert message.charset == "utf-8"
    assert message.text == f"{words}\n"


def test_html_for_an_old_client_refers_to_what_its_charset_does_not_have() -> None:
    html = read(compose(replace(OLD, html="<p>髙﨑 — ①</p>"))).html_text
    assert html.strip() == "髙﨑 — ①"


def test_attachments_come_after_the_words_whole_and_by_their_names() -> None:
    raw = compose(replace(MESSAGE, attachments=(PAPER, AttachedFile("approval.pdf", "application/pdf", b""))))
    mail = message_from_bytes(raw, policy=policy.default)
    assert mail.get_content_type() == "multipart/mixed"
    words, *files = mail.iter_parts()
    assert [part.get_content_type() for part in words.iter_parts()] == ["text/plain", "text/html"]
    assert mail.get_body(("plain",)).get_content().replace("\r\n", "\n") == MESSAGE.text
    assert [(f.get_filename(), f.get_content_type(), f.get_content_disposition()) for f in files] == [
        (PAPER.name, "application/pdf", "attachment"),
        ("approval.pdf", "application/pdf", "attachment"),
    ]
    assert files[0].get_payload(decode=True) == PAPER.data
    assert max(len(line) for line in raw.split(b"\r\n")) <= 200
    assert raw.replace(b"\r\n", b"").count(b"\n") == raw.replace(b"\r\n", b"").count(b"\r") == 0


def test_a_file_name_for_new_and_for_old_clients() -> None:
    """RFC 2231, and an encoded word (RFC 2047) that old Japanese clients read instead."""
    raw = compose(replace(MESSAGE, attachments=(PAPER,)))
    assert b"filename*=utf-8''%E7%94%B3%E8%BE%BC%E6%9B%B8_2600001A.pdf\r\n" in raw
    [file] = [part for part in message_from_bytes(raw).walk() if part.get_content_type() == "application/pdf"]
    assert str(make_header(decode_header(str(file.get_param("name"))))) == PAPER.name


def test_attachments_change_neither_the_words_nor_the_headers() -> None:
    bare, full = compose(MESSAGE), compose(replace(MESSAGE, attachments=(PAPER,)))
    assert full == compose(replace(MESSAGE, attachments=(PAPER,)))
    headers, words = bare.split(b"\r\n\r\n", 1)
    assert words in full
    kind = re.compile(rb"Content-Type: [^\r]*(\r\n [^\r]*)*\r\n")
    assert kind.sub(b"", headers + b"\r\n") == kind.sub(b"", full.split(b"\r\n\r\n", 1)[0] + b"\r\n")


@given(hostile)
def test_no_file_name_can_add_a_header(name: str) -> None:
    """T-82."""
    raw = compose(replace(MESSAGE, attachments=(replace(PAPER, name=name),)))
    file = message_from_bytes(raw, policy=policy.compat32).get_payload()[1]
    assert sorted(file.keys()) == ["Content-Disposition", "Content-Transfer-Encoding", "Content-Type", "MIME-Version"]
    assert file.get_payload(decode=True) == PAPER.data
