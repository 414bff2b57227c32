"""The register on the desk's pages, from outside: looked at, an import previewed, chosen from, applied and undone."""

import io
import re
from collections.abc import AsyncIterator
from html import unescape

import httpx
import pytest
from openpyxl import Workbook

from mailbot.model.desk_login import DeskRole
from mailbot.model.register import RowKey, RowKind
from mailbot.records.log import audit
from mailbot.records.register import offices, rows
from mailbot.register_files.register_file import write_register
from tests.testkit.desk import FORM, DeskUnderTest, Person
from tests.testkit.desk_browser import OPS, READER, DeskBrowser, logged_in, words

FORM_URL = "/desk/register/import"
HEAD = "entry,office,code,company,name,email,phone,address\n"
NAC = "office,,NAC001,{company},{name},,,{address}\nadministrator,NAC001,,,{admin},{mail},{phone},\n"


@pytest.fixture
async def ops(desk: DeskUnderTest) -> AsyncIterator[DeskBrowser]:
    async with logged_in(desk, OPS, DeskRole.OPERATOR) as browser:
        yield browser


def a_file(desk: DeskUnderTest, more: str = "", **changes: str) -> bytes:
    """The office NAC001 with its 管理責任者 as they are registered, but for `changes`."""
    with desk.store.reading():
        office = offices.office("NAC001")
    assert office is not None
    chief = office.administrator
    now = {"company": office.company, "name": office.name, "address": office.address, "admin": chief.name}
    return (HEAD + NAC.format(**now | {"mail": chief.email, "phone": chief.phone} | changes) + more).encode()


async def uploads(browser: DeskBrowser, data: bytes, name: str = "register.csv", **more: str) -> httpx.Response:
    return await browser.client.post(
        FORM_URL, data={"csrf": await browser.csrf()} | more, files={"file": (name, data, "text/csv")}
    )


def form_of(page: httpx.Response) -> dict[str, str | list[str]]:
    """What the button would send: the hidden fields, and what is ticked."""
    text = page.text.partition("<main")[2]
    hidden = dict(re.findall(r'type="hidden" name="(choice|basis)" value="([^"]*)"', text))
    ticked = re.findall(r'name="take" value="([^"]*)" checked', text)
    return {**hidden, "take": [unescape(one) for one in ticked], "do": "apply"}


def row(desk: DeskUnderTest, kind: RowKind, name: str = "") -> dict[str, str]:
    with desk.store.reading():
        return dict(rows.read_rows({"NAC001"}).get(RowKey(kind, "NAC001", name), {}))


async def test_the_register_is_looked_at(desk: DeskUnderTest) -> None:
    """Everybody with a log-in: offices found by code and name, one office, reviewers, days; no hash of a password."""
    async with logged_in(desk, READER, DeskRole.READER) as reader:
        for path, there, not_there in (
            ("/desk/register", "NAC001", ""),
            ("/desk/register?q=nac0", "NAC001", "SKY001"),
            ("/desk/register?q=%E3%82%B9%E3%82%AB%E3%82%A4", "SKY001", "NAC001"),
            ("/desk/register?q=100%25", "この条件に合う事業所はありません", "NAC001"),
            ("/desk/register/offices/NAC001", "taro@naxtrade.example", "argon2"),
            ("/desk/register/reviewers", "ichiro@desk.example", ""),
            ("/desk/register/schedule", "システム登録日", ""),
            ("/desk/register/schedule?past=1", "システム登録日", ""),
            ("/desk/register/imports", "取り込みの記録はありません", ""),
        ):
            page = await reader.get(path)
            main = words(page).partition("ログアウト")[2]
            assert (page.status_code, there in main) == (200, True), path
            assert not not_there or not_there not in main, path
        for missing in ("offices/XXX001", "imports/7", "imports/x"):
            assert (await reader.get(f"/desk/register/{missing}")).status_code == 404
        assert (await reader.get(FORM_URL)).status_code == 403
        assert (await uploads(reader, a_file(desk))).status_code == 403


async def test_an_import_is_seen_applied_and_undone(desk: DeskUnderTest, ops: DeskBrowser) -> None:
    """The button names the numbers; the audit log has operator, file and SHA-256, as with the command."""
    before = row(desk, RowKind.OFFICE)
    sent = await uploads(ops, a_file(desk, address="東京都江東区新木場2-2", company=before["company"] + "髙"))
    page = await ops.get(sent.headers["location"])
    assert "取り込む（追加 0、変更 1、削除 0）" in page.text and "<mark>髙</mark>" in page.text
    assert row(desk, RowKind.OFFICE) == before
    done = await ops.sends(sent.headers["location"], **form_of(page))
    assert (done.status_code, done.headers["location"]) == (303, "/desk/register/imports/1?done=1")
    assert "台帳を変更しました" in (await ops.get(done.headers["location"])).text
    assert row(desk, RowKind.OFFICE)["address"] == "東京都江東区新木場2-2"
    with desk.store.reading():
        (entry,) = [one for one in audit.select().rows if one.what.startswith("register import")]
    assert (entry.who, "register.csv, SHA-256 " in entry.what) == (OPS, True)
    again = await ops.sends(sent.headers["location"], **form_of(page))  # the button pressed twice
    assert (again.status_code, "このファイルはもうありません" in again.text) == (410, True)
    undo = await ops.get("/desk/register/imports/1/undo")
    assert "元に戻す（追加 0、変更 1、削除 0）" in undo.text
    assert (await ops.sends("/desk/register/imports/1/undo", **form_of(undo))).status_code == 303
    assert row(desk, RowKind.OFFICE) == before
    twice = await ops.sends("/desk/register/imports/1/undo", **form_of(undo))
    assert twice.status_code == 409 and "変更はありません" in twice.text
    listed = words(await ops.get("/desk/register/imports"))
    assert "取り込み 2：取り込み 1 を元に戻す" in listed and "取り込み 1：register.csv" in listed


async def test_a_row_in_doubt_is_changed_only_when_it_is_ticked(desk: DeskUnderTest, ops: DeskBrowser) -> None:
    phone = row(desk, RowKind.ADMINISTRATOR)["phone"]
    url = (await uploads(ops, a_file(desk, phone=phone[1:], address="新住所"))).headers["location"]
    page = await ops.get(url)
    assert "先頭の 0 が失われています" in page.text and f"{phone} ではありませんか" in page.text
    assert page.text.index("先頭の 0") < page.text.index('id="changed"') and "変更 1、" in page.text
    ticked = {**form_of(page), "take": ["NAC001/administrator", "nothing", "a/b/c/d"]}
    unread = await ops.sends(url, **ticked)  # the number on the button was another one
    assert "選択を反映しました" in unread.text and "変更 2、" in unread.text
    assert row(desk, RowKind.ADMINISTRATOR)["phone"] == phone
    assert (await ops.sends(url, **form_of(unread))).status_code == 303
    assert row(desk, RowKind.ADMINISTRATOR)["phone"] == phone[1:]


async def test_a_row_that_the_file_does_not_have_stays_unless_ticked_or_pruned(
    desk: DeskUnderTest, ops: DeskBrowser
) -> None:
    url = (await uploads(ops, a_file(desk))).headers["location"]
    page = await ops.get(url)
    assert "変更はありません" in page.text and "ファイルにありません" in page.text
    key = "NAC001/contact/taro@naxtrade.example"
    ticked = await ops.sends(url, do="look", take=[key])
    assert "削除 1）" in ticked.text
    pruned = await ops.sends(url, do="look", prune="1")
    number = int(re.findall(r"削除 (\d+)）", pruned.text)[0])
    assert number > 3
    assert (await ops.sends(url, **form_of(ticked))).status_code == 303
    assert not row(desk, RowKind.CONTACT, "taro@naxtrade.example") and row(desk, RowKind.USER_ID, "1ANACA0A")


async def test_what_changed_after_it_was_shown_is_shown_anew(
    desk: DeskUnderTest, ops: DeskBrowser, taro: Person
) -> None:
    """Another value of the row, and an application of the office: nothing is changed that nobody has seen so."""
    url = (await uploads(ops, a_file(desk, address="新住所"))).headers["location"]
    page = await ops.get(url)
    taro.sends(FORM)
    receipt = taro.gets("received").receipt
    stale = await ops.sends(url, **form_of(page))
    assert (stale.status_code, "何も変更していません" in stale.text, receipt in stale.text) == (409, True, True)
    with desk.store.transaction():
        key = RowKey(RowKind.OFFICE, "NAC001")
        rows.change_row(key, {**rows.read_rows({"NAC001"})[key], "address": "別の住所"})
    stale = await ops.sends(url, **form_of(stale))
    assert (stale.status_code, "別の住所" in words(stale).replace(" ", "")) == (409, True)
    assert row(desk, RowKind.OFFICE)["address"] == "別の住所"
    assert (await ops.sends(url, **form_of(stale))).status_code == 303
    assert row(desk, RowKind.OFFICE)["address"] == "新住所"


async def test_a_new_password_is_applied_and_never_shown(desk: DeskUnderTest, ops: DeskBrowser) -> None:
    """Each reading of the file hashes it anew; that is no other difference."""
    text = a_file(desk).decode().replace("address\n", "address,password\n", 1)
    lines = text.splitlines()
    lines[1] += ",Kasumi-2027-Tsubaki"
    before = row(desk, RowKind.OFFICE)["password_hash"]
    url = (await uploads(ops, "\n".join(lines).encode())).headers["location"]
    page = await ops.get(url)
    assert "新しいパスワードになります" in page.text
    assert "Kasumi" not in page.text and "argon2" not in page.text
    done = await ops.sends(url, **form_of(page))
    assert done.status_code == 303
    assert row(desk, RowKind.OFFICE)["password_hash"] not in ("", before)
    assert "argon2" not in (await ops.get(done.headers["location"])).text


async def test_a_file_is_of_one_log_in_for_an_hour(desk: DeskUnderTest, ops: DeskBrowser) -> None:
    url = (await uploads(ops, a_file(desk, address="新住所"))).headers["location"]
    async with logged_in(desk, "ops2@desk.example", DeskRole.OPERATOR) as other:
        assert (await other.get(url)).status_code == 410
    assert (await ops.get(url)).status_code == 200
    second = (await uploads(ops, a_file(desk, address="別の住所"))).headers["location"]
    assert (await ops.get(url)).status_code == 410  # a new file takes the place of the old one
    for _ in range(3):
        desk.passes(minutes=20)
        last = await ops.get(second)
    assert last.status_code == 410
    desk.run_due_tasks()
    assert desk.store._connection.execute_sql("SELECT COUNT(*) FROM register_upload").fetchone()[0] == 0
    third = (await uploads(ops, a_file(desk))).headers["location"]
    assert (await ops.sends(third, do="discard")).status_code == 303
    assert (await ops.get(third)).status_code == 410
    for person in desk.people.values():
        person.forgets()


def bomb() -> bytes:
    """A workbook of some 200 kB that is 110 MB when it is unpacked."""
    import zipfile

    book = io.BytesIO()
    Workbook().save(book)
    with zipfile.ZipFile(book, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/more.xml", b" " * 110_000_000)
    return book.getvalue()


@pytest.mark.parametrize(
    ("name", "data", "says"),
    [
        ("register.csv", b"", "ファイルがありません"),
        ("register.csv", b"entry,office\ncontact,NAC001\n", "no row above it is the office"),
        ("register.csv", b"\xff\xfe\x00", "not UTF-8"),
        ("register.csv", HEAD.encode(), "names no office and no reviewer"),
        ("register.exe", b"MZ", "expected .toml, .csv or .xlsx"),
        ("register", b"x", "expected .toml, .csv or .xlsx"),
        ("../../etc/register.toml", b"a = " + b"[" * 100_000, "nested too deeply"),
        ("register.toml", b"<script>alert(1)</script>", "not readable as TOML"),
        ("register.xlsx", b"PK\x03\x04 nothing", "not readable as XLSX"),
        ("register.xlsx", None, "more than 100 MB"),
    ],
)
async def test_a_file_that_is_no_register_changes_nothing(
    desk: DeskUnderTest, ops: DeskBrowser, name: str, data: bytes | None, says: str
) -> None:
    answer = await uploads(ops, bomb() if data is None else data, name)
    assert (answer.status_code, says in unescape(answer.text)) == (422, True), words(answer)
    assert "<script>" not in answer.text and "../.." not in answer.text
    assert desk.store._connection.execute_sql("SELECT COUNT(*) FROM register_upload").fetchone()[0] == 0


async def test_a_form_with_a_file_has_limits(desk: DeskUnderTest, ops: DeskBrowser) -> None:
    """RFC 7578: too large, two files, many fields, a long field, no token, another type, and what is no form."""
    csrf = await ops.csrf()
    for size in (5_000_001, 6_000_000):
        large = await uploads(ops, b"#" * size, "register.toml")
        assert (large.status_code, "5MB" in large.text) == (413, True)
    one = ("file", ("register.csv", a_file(desk), "text/csv"))
    for fields, files in (
        ({"csrf": csrf}, [one, one]),
        ({"csrf": csrf} | {f"x{number}": "" for number in range(20)}, [one]),
        ({"csrf": csrf, "long": "x" * 2000}, [one]),
        ({"csrf": "another"}, [one]),
        ({}, [one]),
    ):
        answer = await ops.client.post(FORM_URL, data=fields, files=files)
        assert (answer.status_code, "受け取れませんでした" in answer.text) == (403, True), fields
    for kind in ("multipart/form-data", "multipart/form-data; boundary=x", "text/plain", "application/json"):
        answer = await ops.client.post(FORM_URL, content=b"--x\r\n\r\nfoo", headers={"Content-Type": kind})
        assert answer.status_code == 403, kind
    foreign = await ops.client.post(
        FORM_URL, data={"csrf": csrf}, files=[one], headers={"Sec-Fetch-Site": "cross-site"}
    )
    assert foreign.status_code == 403
    assert desk.store._connection.execute_sql("SELECT COUNT(*) FROM register_upload").fetchone()[0] == 0


@pytest.mark.parametrize("ending", [".toml", ".xlsx", ".csv"])
async def test_an_exported_file_changes_nothing(
    desk: DeskUnderTest, ops: DeskBrowser, tmp_path_factory: pytest.TempPathFactory, ending: str
) -> None:
    path = tmp_path_factory.mktemp("register") / f"register{ending}"
    with desk.store.reading():
        write_register(offices.load_register(), path)
    page = await ops.get((await uploads(ops, path.read_bytes(), path.name)).headers["location"])
    assert "変更はありません" in page.text and 'value="apply"' not in page.text


async def test_english(desk: DeskUnderTest) -> None:
    async with logged_in(desk, OPS, DeskRole.OPERATOR, language="en") as ops:
        phone = row(desk, RowKind.ADMINISTRATOR)["phone"][1:]
        sent = await uploads(ops, a_file(desk, address="2-2 Shin-Kiba", phone=phone))
        page = await ops.get(sent.headers["location"])
        assert "1 changed" in page.text and "Change it" in page.text
        done = await ops.sends(sent.headers["location"], **form_of(page))
        for path in (
            done.headers["location"],
            *("/desk/register/imports/1/undo", "/desk/register", "/desk/register/offices/NAC001"),
            *("/desk/register/reviewers", "/desk/register/schedule", "/desk/register/imports", FORM_URL),
        ):
            main = (await ops.get(path)).text
            assert re.search("[\u3041-\u3096]", re.sub(r"(?s)<(title|footer|s|td|th|li).*?</\1>", "", main)) is None
