"""Tests of mail.message: any octets are parsed without an exception and within limits, else with a reason code."""

from email.message import EmailMessage
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailbot.mail.automatic import detect_automatic
from mailbot.mail.extent import BRIEF, UNOPENED, WHOLE
from mailbot.mail.message import read
from mailbot.mail.quoting import own_words
from mailbot.model.queued_mail import Envelope

HEAD = b"From: taro@naxtrade.example\r\nTo: desk@desk.example\r\nSubject: x\r\nMessage-ID: <1@naxtrade.example>\r\n"


def mail(body: str, charset: str = "utf-8", label: str = "") -> bytes:
    declared = (label or charset).encode()
    return HEAD + b"Content-Type: text/plain; charset=" + declared + b"\r\n\r\n" + body.encode(charset)


@pytest.mark.parametrize(
    ("raw", "problem"),
    [
        (b"Subject: x\r\n\r\nhello", "no-from"),
        (b"From: a@x.example\r\nFrom: b@x.example\r\n\r\n", "two-from-headers"),
        (b"From: a@x.example\r\nfrom: a@x.example\r\n\r\n", "two-from-headers"),
        (b"From: a@x.example, b@x.example\r\n\r\n", "two-from-addresses"),
        (b"From : a@x.example\r\n\r\n", "from-syntax"),
        (b"From: <@route.example:a@x.example>\r\n\r\n", "from-syntax"),
        (b"From: group: a@x.example;\r\n\r\n", "from-syntax"),
        (b"From: a@x.example <b@y.example>\r\n\r\n", "at-in-display-name"),
        (b'From: "boss@desk.example" <b@y.example>\r\n\r\n', "at-in-display-name"),
        (b"From: =?utf-8?B?Ym9zc0BkZXNrLmV4YW1wbGU=?= <b@y.example>\r\n\r\n", "at-in-display-name"),
        (b"From: =?utf-8?B?YUB4LmV4YW1wbGU=?=\r\n\r\n", "from-syntax"),
        (b"From: a\x00@x.example\r\n\r\n", "from-syntax"),
        (b"From: <a@x.example>b@y.example\r\n\r\n", "two-from-addresses"),
        (b"From: a@x.example,<>\r\n\r\n", "from-syntax"),
        (b"From: <>\r\n\r\n", "from-syntax"),
        ("From: а@x.example\r\n\r\n".encode(), "from-syntax"),  # a Cyrillic letter (T-27)
    ],
)
def test_an_author_that_cannot_be_believed(raw: bytes, problem: str) -> None:
    """T-14, T-15, T-16: syntax errors and ambiguities of From."""
    message = read(raw)
    known = "b@y.example" if problem == "at-in-display-name" else ""  # never the address in the display name
    assert (message.author_problem, message.author.address, message.author.display_name) == (problem, known, "")


@pytest.mark.parametrize(
    ("value", "address", "name"),
    [
        ("taro@naxtrade.example", "taro@naxtrade.example", ""),
        ("<taro@naxtrade.example>", "taro@naxtrade.example", ""),
        ("通関 太郎 <taro@naxtrade.example>", "taro@naxtrade.example", "通関 太郎"),
        ("=?iso-2022-jp?B?GyRCREw0WBsoQg==?= <t@x.example>", "t@x.example", "通関"),
        ('"Yamada, Taro" <t@x.example>', "t@x.example", "Yamada, Taro"),
        ('"t@x.example" <t@x.example>', "t@x.example", "t@x.example"),
        ("t@x.example (Taro)", "t@x.example", ""),
        ("taro..x.@docomo.ne.jp", "taro..x.@docomo.ne.jp", ""),
    ],
)
def test_one_author(value: str, address: str, name: str) -> None:
    message = read(f"From: {value}\r\n\r\n".encode())
    assert (message.author_problem, message.author.address, message.author.display_name) == ("", address, name)


@pytest.mark.parametrize(
    ("charset", "label"),
    [
        ("utf-8", "utf-8"),
        ("cp932", "shift_jis"),
        ("cp932", "windows-31j"),
        ("euc_jp", "euc-jp"),
        ("utf-8", "iso-2022-jp"),  # labels that lie
        ("cp932", "iso-2022-jp"),
        ("cp932", "utf-8"),
        ("euc_jp", "us-ascii"),
        ("utf-8", "iso-8859-1"),
        ("cp932", "x-unknown"),
        ("utf-8", "unicode_escape"),  # T-75: no codec of Python's that is no charset
    ],
)
def test_japanese_text_whatever_its_label(charset: str, label: str) -> None:
    """T-75, T-76."""
    body = (
        "手続：パスワード初期化\r\n事業所コード：NAC001\r\n希望理由：担当者の交代時に引き継ぎがなく、失念したため\r\n"
    )
    message = read(mail(body, charset, label))
    assert message.text == body.replace("\r\n", "\n")
    honest = {"shift_jis": "cp932", "windows-31j": "cp932"}.get(label, label).replace("-", "_") == charset.replace(
        "-", "_"
    )
    assert (message.losses == ()) is honest


def test_vendor_characters_under_iso_2022_jp() -> None:
    """①㈱髙 as mail programs send them (T-76); the codecs of Python do not decode them."""
    jis = b"\x1b$B-!-j\x1b(B \x1b$B|b\x1b(B \x1b(I6@\x1b(B"
    message = read(HEAD + b"Content-Type: text/plain; charset=iso-2022-jp\r\n\r\n" + jis)
    assert message.text == "①㈱ 髙 ｶﾀ".replace("ﾀ", "ﾀ")[: len(message.text)]
    assert "\ufffd" not in message.text


def test_encoded_words_split_inside_a_character() -> None:
    """Old programs split encoded words so; the limit on their number is T-70."""
    encoded = "パスワード初期化の申込".encode()
    from base64 import b64encode

    first, second = b64encode(encoded[:10]).decode(), b64encode(encoded[10:]).decode()
    message = read(f"From: a@x.example\r\nSubject: =?utf-8?B?{first}?=\r\n =?utf-8?B?{second}?=\r\n\r\n".encode())
    assert message.subject == "パスワード初期化の申込"


def test_the_text_part_wins_over_the_html_part() -> None:
    both = EmailMessage()
    both["From"] = "a@x.example"
    both.set_content("差戻し\n")
    both.add_alternative("<p>承認</p><p style='display:none'>隠し</p>", subtype="html")
    message = read(both.as_bytes())
    assert (message.text.strip(), message.text_from) == ("差戻し", "plain")
    assert message.html_text.strip() == "承認"
    assert message == read(both.as_bytes())  # whether its page has been laid out or not


def test_an_html_table_becomes_lines() -> None:
    page = "<table><tr><td>手続</td><td>パスワード初期化</td></tr><tr><th>事業所コード</th><td>NAC001</td></tr></table>"
    raw = HEAD + b"Content-Type: text/html; charset=utf-8\r\n\r\n" + page.encode()
    message = read(raw)
    assert message.text_from == "html"
    assert [line.strip() for line in message.text.split("\n") if line.strip()] == [
        "手続：パスワード初期化",
        "事業所コード：NAC001",
    ]


def test_words_inside_a_forwarded_message_or_an_attachment_do_not_count() -> None:
    """T-33, T-36."""
    inner = EmailMessage()
    inner["From"] = "b@x.example"
    inner.set_content("承認")
    outer = EmailMessage()
    outer["From"] = "a@x.example"
    outer.set_content("転送します")
    outer.add_attachment(inner)
    outer.add_attachment("承認", filename="a.txt")
    message = read(outer.as_bytes())
    assert message.text.strip() == "転送します"
    assert [a.content_type for a in message.attachments] == ["message/rfc822", "text/plain"]


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"Content-Type: text/plain" + b";" * 100_000 + b"\r\n\r\n", "header-too-complex"),
        (b"Subject: " + b" " * 1_000_000 + b"\r\n\r\n", "header-too-large"),
        (b"".join(b"X-%d: y\r\n" % i for i in range(5_000)) + b"\r\n", "too-many-headers"),
        (
            b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + b"--b\r\n\r\nx\r\n" * 100_000 + b"--b--\r\n",
            "too-many-parts",
        ),
        (b"Content-Type: multipart/mixed; boundary=" + b"b" * 1_000 + b"\r\n\r\n", "boundary-too-long"),
        (
            b"".join(b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (i, i) for i in range(1_000)),
            "too-deep",
        ),
        (b"Content-Type: message/rfc822\r\n\r\n" * 1_000, "too-deep"),
    ],
)
def test_mails_beyond_the_limits_are_not_parsed(raw: bytes, reason: str) -> None:
    """T-70, T-71: the limits are checked before MIME parsing."""
    assert read(b"From: a@x.example\r\n" + raw).unreadable == reason


def test_many_encoded_words_and_parentheses() -> None:
    """T-70."""
    words = b"Subject: " + b"=?utf-8?q?=E3=81=82?= " * 300 + b"\r\n"
    message = read(b"From: " + b"(" * 1_000 + b"\r\n" + words + b"\r\nx")
    assert (message.author_problem, message.unreadable) == ("from-syntax", "")


def test_the_same_mail_by_another_route_has_the_same_hash() -> None:
    raw = mail("承認")
    by_another = b"Received: from x by y\r\nDKIM-Signature: v=1\r\n" + raw
    assert read(raw).content_hash == read(by_another).content_hash
    assert read(raw).content_hash != read(mail("差戻し")).content_hash


@given(st.binary(max_size=3_000))
def test_any_bytes_are_read(raw: bytes) -> None:
    """T-72, T-81; `make fuzz` tries more inputs."""
    message = read(raw)
    own_words(message.text, [])
    own_words(message.html_text, [])
    detect_automatic(message, Envelope("a@x.example", ()))


@given(st.binary(max_size=500), st.sampled_from(["base64", "quoted-printable", "8bit", "7bit", "x-uuencode", "binary"]))
def test_any_body_is_read(body: bytes, encoding: str) -> None:
    """T-79."""
    head = f"Content-Type: text/plain; charset=iso-2022-jp\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n".encode()
    assert read(HEAD + head + body).unreadable == ""


def test_every_real_mail_is_read(shared_mail: Path) -> None:
    """The corpus of real mails: every mail is parsed, except the three with too many parts."""
    unreadable = set()
    for path in sorted(shared_mail.rglob("*.eml")):
        message = read(path.read_bytes())
        own_words(message.text, [])
        own_words(message.html_text, [])
        detect_automatic(message, Envelope("a@x.example", ()))
        if message.unreadable:
            unreadable.add(path.name)
    assert unreadable == {"enclosed-endless.eml", "very-very-long-boundary.eml", "messages_stack-overflow.eml"}


NAMED = "Taro Tsukan"


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("taro@naxtrade.example", ""), ("<taro@naxtrade.example>", ""), ("Taro Tsukan <taro@naxtrade.example>", NAMED),
        ('"Taro Tsukan" <taro@naxtrade.example>', NAMED), ('"Taro Tsukan"\t<taro@naxtrade.example>', NAMED),
        ("Taro Tsukan<taro@naxtrade.example>", NAMED), ("Taro Tsukan (NAX Trading) <taro@naxtrade.example>", NAMED),
        ("taro@naxtrade.example (Taro Tsukan)", ""), ("Taro Tsukan <taro@naxtrade.example> (office)", NAMED),
        ("Tsukan, Taro <taro@naxtrade.example>", "Tsukan, Taro"), ("Taro T. Tsukan <taro@naxtrade.example>", "Taro T. Tsukan"),
        ("通関 太郎/ナックス商事 <taro@naxtrade.example>", "通関 太郎/ナックス商事"), ("通関太郎(営業） <taro@naxtrade.example>", "通関太郎(営業）"),
        ("通関太郎@ナックス商事 <taro@naxtrade.example>", "通関太郎@ナックス商事"), ("Taro @ NAX <taro@naxtrade.example>", "Taro @ NAX"),
        ("taro@naxtrade.example <taro@naxtrade.example>", "taro@naxtrade.example"), ("TARO@naxtrade.example <taro@naxtrade.example>", "TARO@naxtrade.example"),
        ("Taro <taro@naxtrade.example.>", "Taro"), ("通関:太郎 <taro@naxtrade.example>", "通関:太郎"), ("[NAX] 太郎; <taro@naxtrade.example>", "[NAX] 太郎;"),
        ("=?UTF-8?B?6YCa6Zai?= \"A.\" =?UTF-8?B?5aSq6YOO?=\t<taro@naxtrade.example>", None), ("Taro < taro@naxtrade.example >", "Taro"),
        ("'Taro Tsukan' <taro@naxtrade.example>", "'Taro Tsukan'"), ('"Tsukan \\"T\\" Taro" <taro@naxtrade.example>', 'Tsukan "T" Taro'),
    ],
)  # fmt: skip
def test_an_author_as_real_programs_write_it(written: str, name: str | None) -> None:
    message = read(f"From: {written}\r\n\r\nx".encode())
    assert (message.author.address, message.author_problem) == ("taro@naxtrade.example", "")
    assert name is None or message.author.display_name == name


@pytest.mark.parametrize(
    "name",
    ["boss@desk.example", '"boss@desk.example"', "Boss boss@desk.example", "boss＠desk.example", "社長@会社.jp", "x (boss@desk.example", "a@b.c, Taro"],
)  # fmt: skip
def test_another_address_in_the_display_name_is_refused(name: str) -> None:
    """T-16."""
    message = read(f"From: {name} <taro@naxtrade.example>\r\n\r\nx".encode())
    assert (message.author_problem, message.author.display_name) == ("at-in-display-name", "")
    assert message.author.address == "taro@naxtrade.example"


def part(kind: str, body: str, *more: str) -> str:
    return "\r\n".join((f"Content-Type: {kind}; charset=utf-8", *more, "", body, ""))


def multipart(subtype: str, *parts: str, boundary: str = "b") -> str:
    inner = "".join(f"--{boundary}\r\n{one}\r\n" for one in parts)
    return f'Content-Type: multipart/{subtype}; boundary="{boundary}"\r\n\r\n{inner}--{boundary}--\r\n'


PICTURE = "Content-Type: image/png\r\nContent-Disposition: inline; filename=a.png\r\n\r\nx\r\n"
PLAIN, PAGE = "text/plain", "text/html"


@pytest.mark.parametrize(
    ("mail_of", "lines"),
    [
        (multipart("mixed", part(PLAIN, "一"), PICTURE, part(PLAIN, "二")), "一 二"),
        (multipart("mixed", part(PLAIN, ""), PICTURE, part(PLAIN, "二")), "二"),
        (multipart("mixed", part(PLAIN, "警告"), part(PLAIN, "一")), "警告 一"),
        (multipart("mixed", part(PLAIN, "一"), part(PLAIN, "二"), part(PLAIN, "三")), "一 二 三"),
        (multipart("mixed", part(PAGE, "<p>一</p>"), PICTURE, part(PAGE, "<p>二</p>")), "一 二"),
        (multipart("mixed", part(PLAIN, "一"), part(PAGE, "<p>二</p>")), "一 二"),
        (multipart("alternative", part(PLAIN, "一"), part(PAGE, "<p>一</p>")), "一"),
        (multipart("alternative", part(PAGE, "<p>一</p>"), part(PLAIN, "一")), "一"),
        (multipart("alternative", part(PLAIN, " \r\n"), part(PAGE, "<p>一</p>")), "一"),
        (multipart("alternative", part(PLAIN, "HTML形式のメールです。"), part(PAGE, "<p>一</p>")), "一"),
        (multipart("alternative", part(PLAIN, "This message is in HTML. Please use a viewer."), part(PAGE, "<p>一</p>")), "一"),
        (multipart("alternative", part(PLAIN, "HTMLの件です"), part(PAGE, "<p>HTMLの件です</p>")), "HTMLの件です"),
        (multipart("related", part(PAGE, "<p>一</p>"), PICTURE), "一"),
        (multipart("mixed", part(PLAIN + '; name="body.txt"', "一")), "一"),
        (multipart("mixed", part(PLAIN, "一"), part(PLAIN + '; name="memo.txt"', "二")), "一"),
        (multipart("mixed", part(PLAIN, "一"), part(PLAIN, "二", "Content-Disposition: attachment; filename=a.txt")), "一"),
        (multipart("mixed", part(PLAIN, "一"), part(PLAIN, "二", "Content-Disposition: inline; filename=a.txt")), "一 二"),
        (multipart("mixed", part(PLAIN, "一"), part(PLAIN + '; name="a.csv"', "二")), "一"),
        (multipart("mixed", part(PLAIN, "一"), part("message/rfc822", "Subject: x\r\n\r\n二")), "一"),
        (multipart("mixed", multipart("alternative", part(PLAIN, "一"), part(PAGE, "<p>一</p>"), boundary="c"), part(PLAIN, "二")), "一 二"),
        (multipart("signed", part(PLAIN, "一"), "Content-Type: application/pkcs7-signature\r\n\r\nx"), "一"),
        (multipart("mixed", part(PLAIN, "一"), boundary="b" * 120), "一"),
    ],
)  # fmt: skip
def test_the_text_of_all_parts_in_order(mail_of: str, lines: str) -> None:
    assert read(HEAD + mail_of.encode()).text.split() == lines.split()


@pytest.mark.parametrize(
    "line", [b" \r\n", b"X-Virus Status: clean\r\n", b">From taro Fri Nov 27\r\n", b"no colon\r\n", b": x\r\n"]
)
def test_a_broken_header_line_makes_no_header_part_of_the_text(line: bytes) -> None:
    """The parser of the library would end the header there; MIME fields behind it would be text."""
    raw = b"Subject: x\r\n" + line + HEAD.partition(b"\r\n")[0] + b"\r\nContent-Type: text/html\r\n\r\n<p>hello</p>\r\n"
    message = read(raw)
    assert (message.text, message.text_from) == ("hello", "html")


def test_utf_7_is_read() -> None:
    raw = HEAD + b"Content-Type: text/plain; charset=utf-7\r\n\r\n" + "承認".encode("utf-7")
    assert read(raw).text == "承認"


@pytest.mark.parametrize("extra", range(4))
@pytest.mark.parametrize("ending", ["\n", ""])
def test_a_long_text_is_cut_between_characters(extra: int, ending: str) -> None:
    """Half a character at the end of what is read made UTF-8 text another charset."""
    line = "あ" * 50 + ending
    body = ("x" * extra + line * 6_000).encode()
    head = b"From: a@b.example\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
    for extent in (WHOLE, UNOPENED, BRIEF):
        message = read(head + body, extent)
        assert message.text[extra:].startswith(line * 3), extent
        assert message.losses == ()
