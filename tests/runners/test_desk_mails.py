"""The mail log and the pages of mails from outside: filters, words, what is shown of hostile mail, downloads, CSV."""

from pathlib import Path
from urllib.parse import quote

import pytest

from mailbot.model.desk_login import DeskRole
from mailbot.model.notice import NoticeKind
from mailbot.model.reasons import REASONS
from mailbot.records.log import audit, mail_list, search_index
from mailbot.records.queues import received
from tests.testkit.desk import FORM, DeskUnderTest
from tests.testkit.desk_browser import ICHIRO, OPS, READER, logged_in, words
from tests.testkit.desk_scenes import hostile_mails, mails_to_look_at
from tests.testkit.hostile_pages import HOSTILE_PAGES, WORDS_THAT_STAY

READ, REVIEW, OPERATE = DeskRole.READER, DeskRole.REVIEWER, DeskRole.OPERATOR
ELSEWHERE = "http://elsewhere.example"


@pytest.fixture
def receipt(desk: DeskUnderTest) -> str:
    """An application; what was sent about it was read."""
    taro = desk.person("通関 太郎", "taro@naxtrade.example")
    taro.sends(FORM, "パスワード初期化の申込")
    number = next(got.receipt for got in taro.mails if got.kind == "received")
    mails_to_look_at(desk)
    return number


# Query → what is found, and what is not.
QUERIES: list[tuple[str, list[str], list[str]]] = [
    ("", ["パスワード初期化の申込", "担当者交代の件"], []),
    ("q=交代", ["担当者交代の件"], ["物流セミナー"]),
    ("q=ＴＡＲＯ 失念", ["パスワード初期化の申込"], ["担当者交代の件"]),
    ("q={receipt}", ["受付完了"], ["担当者交代の件"]),
    ("state=quarantined", ["物流セミナー", "一斉送信"], ["担当者交代の件"]),
    ("reason=passed-on&direction=in", ["担当者交代の件"], ["物流セミナー", "受付完了"]),
    ("reason=review_request", ["審査依頼"], ["受付完了"]),
    ("procedure=password_reset", ["受付完了"], ["担当者交代の件"]),
    ("office=nac001", ["受付完了"], ["物流セミナー"]),
    ("address=goro@", ["物流セミナー"], ["担当者交代の件"]),
    ("since=2026-11-21", ["この条件に合うメールはありません"], ["受付完了"]),
    ("since=2026-11-21&until=2026-11-20", ["期間を読み取れません"], []),
    ("since=yesterday", ["期間を読み取れません"], []),
    ("state=x'--&q=%00&after=zz&receipt=%27", ["この条件に合うメールはありません"], []),
]


@pytest.mark.parametrize("indexed", [False, True])
async def test_the_log_is_filtered(desk: DeskUnderTest, receipt: str, indexed: bool) -> None:
    if indexed:
        search_index.update(desk.store, 1_000)
    async with logged_in(desk, READER, READ) as reader:
        for query, found, missing in QUERIES:
            answer = await reader.get(f"/desk/log?{quote(query.format(receipt=receipt), safe='=&%')}")
            page = (
                answer.text.partition('class="filter"')[2].partition("</form>")[2]
                if answer.status_code == 200
                else answer.text
            )
            assert [one for one in found if one not in page] == [], query
            assert [one for one in missing if one in page] == [], query
            assert answer.status_code == (422 if "期間を読み取れません" in found else 200)


@pytest.mark.parametrize("indexed", [False, True])
@pytest.mark.parametrize("filters", [{"words": "naxtrade"}, {"address": "naxtrade"}, {}])
async def test_a_part_of_a_search_goes_on_where_its_link_says(
    desk: DeskUnderTest, receipt: str, indexed: bool, filters: dict[str, str]
) -> None:
    """The number in the URL is text; the parts before and after it have nothing in common."""
    del receipt
    if indexed:
        search_index.update(desk.store, 1_000)
    asked = f"/desk/log?q={filters.get('words', '')}&address={filters.get('address', '')}"
    async with logged_in(desk, READER, READ) as reader:
        with desk.store.reading():
            ids = [one.row.id for one in mail_list.select(desk.store, mail_list.Filters(**filters), 50)]
        middle = ids[len(ids) // 2]
        for name, expected in (("after", [i for i in ids if i < middle]), ("before", [i for i in ids if i > middle])):
            page = (await reader.get(f"{asked}&{name}={middle}")).text
            assert page.partition("<tbody>")[2].count("<tr") == len(expected) > 0, name


async def test_a_mail_says_what_was_read_and_done(desk: DeskUnderTest, receipt: str) -> None:
    """Every line with what it was taken for, why, the notices with the server's answers; the look is recorded."""
    async with logged_in(desk, READER, READ) as reader:
        page = words(await reader.get("/desk/mails/1"))
        for said in (
            "実行",
            receipt,
            "項目 手続",
            "申込担当者です",
            "署名（DKIM）",
            "受付完了",
            "250",
            "このメール",
        ):
            assert said in page, said
        assert "審査依頼" in words(await reader.get("/desk/mails/n3"))
        for number in ("n999", "999", "r1x", "n", "-1", "1~2", "９", "%00"):
            assert (await reader.get(f"/desk/mails/{number}")).status_code == 404, number
        assert (await reader.get("/desk/mails/1/raw")).status_code == 403
    with desk.store.reading():
        assert [row.who for row in audit.select(subject="mail 1").rows] == [READER]


async def test_reply_tokens_are_masked(desk: DeskUnderTest) -> None:
    """In the lines, the header and the HTML of a reply; the octets are for operators, and that is recorded."""
    desk.person("通関 太郎", "taro@naxtrade.example").sends(FORM, "パスワード初期化の申込")
    ichiro = desk.person("審査 一郎", ICHIRO)
    request = next(got for got in ichiro.mails if got.kind == "review-request")
    token = request.reply_to.partition("+")[2].partition("@")[0]
    ichiro.replies(request, f"状況\n{request.reply_to}\n", html=f"<p>状況 {request.reply_to}</p>")
    with desk.store.reading():
        number = max(received.numbers(desk.store))
    async with logged_in(desk, OPS, OPERATE) as ops:
        pages = [await ops.get(f"/desk/mails/{number}{part}") for part in ("", "/html")]
        raw = await ops.get(f"/desk/mails/{number}/raw")
    assert [token in page.text for page in pages] == [False, False] and token.encode() in raw.content
    assert raw.headers["content-disposition"].startswith("attachment;")
    for person in desk.people.values():
        person.forgets()
    with desk.store.reading():
        assert "downloaded the raw mail" in [row.what for row in audit.select(subject=f"mail {number}").rows]


async def test_a_file_is_only_downloaded(desk: DeskUnderTest, receipt: str) -> None:
    async with logged_in(desk, READER, READ) as reader:
        page = await reader.get("/desk/mails/4")
        assert "&lt;b&gt;" not in page.text and "見積" in page.text
        file = await reader.get("/desk/mails/4/files/0")
        assert (file.content, file.headers["content-type"]) == (b"<script>1</script>", "application/octet-stream")
        assert file.headers["content-disposition"].startswith("attachment;")
        assert file.headers["x-content-type-options"] == "nosniff" and "%2F" not in file.headers["content-disposition"]
        for other in ("1", "-1", "x", "00"):
            assert (await reader.get(f"/desk/mails/4/files/{other}")).status_code == 404


async def test_hostile_html_is_only_words(desk: DeskUnderTest) -> None:
    """Of each page nothing is left that could load, run, submit or lead away; and the browser is told so besides."""
    numbers = hostile_mails(desk, ELSEWHERE)
    async with logged_in(desk, READER, READ) as reader:
        for name, number in numbers.items():
            page = await reader.get(f"/desk/mails/{number}/html")
            body = page.text.partition("</head>")[2].lower()
            kept = [
                mark for mark in ("elsewhere", "http", "src=", "href", "url(", "script", "javascript") if mark in body
            ]
            assert kept == [], (name, body)
            assert [t for t in ("<form", "<input", "<iframe", "<svg", "<meta", "<link", "<base") if t in body] == [], (
                name
            )
            assert "様式をお願いします" in body and WORDS_THAT_STAY.get(name, "") in page.text, name
            policy = page.headers["content-security-policy"]
            assert policy.startswith("default-src 'none'; style-src 'unsafe-inline'") and policy.endswith("; sandbox")
            around = await reader.get(f"/desk/mails/{number}")
            assert ELSEWHERE not in around.text and "<iframe sandbox " in around.text
            assert "frame-src 'self'" in around.headers["content-security-policy"]
    assert len(numbers) == len(HOSTILE_PAGES)


async def test_the_list_as_csv(desk: DeskUnderTest, receipt: str) -> None:
    """A subject that a spreadsheet would take for a formula, and one with control characters."""
    desk.person("", "goro@nowhere.example").sends("a\n", subject="\x1b]0;x\x07@SUM(1)", Precedence="bulk")
    async with logged_in(desk, READER, READ) as reader:
        answer = await reader.get("/desk/log/export?state=quarantined")
    lines = answer.content.decode("utf-8-sig").splitlines()
    assert answer.headers["content-type"] == "text/csv; charset=utf-8" and len(lines) == 4
    assert lines[0].startswith("number,at,done,") and any("'=cmd|" in line for line in lines)
    assert not any("\x1b" in line or ",=" in line or ",@" in line for line in lines)
    with desk.store.reading():
        assert "exported the mail log: state=quarantined" in [row.what for row in audit.select(who=READER).rows]


def test_every_reason_and_kind_has_japanese_words() -> None:
    said = Path("templates/web/desk/words/mails.ja.j2").read_text(encoding="utf-8")
    assert [code for code in (*REASONS, *NoticeKind) if f'"{code}": ' not in said] == []
