"""The papers: readable, complete, with the font in the file; and never a box in place of a name."""

import re
import subprocess
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path

import pytest

from mailbot.model.effects import ContractLine, Item
from mailbot.model.notice import Enclosure
from mailbot.model.people import Language
from mailbot.notices.contents.base import PaperKind, PaperRequest
from mailbot.notices.papers import PaperWriter
from mailbot.notices.render import Renderer
from mailbot.notices.unprintable import MissingGlyphs, Unprintable
from mailbot.notices.values import Case
from tests.testkit.notices import samples, samples_of_changes

LINES = (
    ContractLine(Item.MAILBOX, "NAC00101", "SMTP/POP3", before=True, after=False),
    ContractLine(Item.MAILBOX, "NAC00102", "SMTP/POP3", before=False, after=True),
    ContractLine(Item.MAILBOX, "NAC00103", "EDIFACT", before=True, after=True),
)
CASE = replace(samples_of_changes.completed("mailbox_change"), contract=LINES)
ISSUED = date(2026, 11, 24)


@cache
def paper_writer() -> PaperWriter:
    words = {procedure.name: procedure.words for procedure in samples.PROCEDURES.values()}
    return PaperWriter(Renderer([samples.TEMPLATES], words), samples.DESK)


def form(case: Case = CASE, lines: tuple[ContractLine, ...] = (), language: Language = Language.JA) -> Enclosure:
    case = replace(case, contract=lines or case.contract)
    return paper_writer().enclosure(PaperRequest(PaperKind.APPLICATION_FORM, ISSUED), case, language)


def approval(language: Language = Language.JA, case: Case = CASE) -> Enclosure:
    return paper_writer().enclosure(PaperRequest(PaperKind.APPROVAL, date(2026, 12, 10)), case, language)


def with_values(**values: object) -> Case:
    """CASE with other values in some fields."""
    revision = CASE.application.revision
    filled = replace(revision.filled, values={**revision.filled.values, **values})
    return replace(CASE, application=replace(CASE.application, revision=replace(revision, filled=filled)))


def with_company(company: str) -> Case:
    return replace(CASE, office=replace(CASE.office, company=company))


def flat(paper: Enclosure, tmp_path: Path) -> str:
    """All that stands on a paper, without blanks."""
    return re.sub(r"\s", "", run("pdftotext", paper, tmp_path))


def run(tool: str, paper: Enclosure, tmp_path: Path, *options: str) -> str:
    file = tmp_path / "paper.pdf"
    file.write_bytes(paper.data)
    try:
        done = subprocess.run(
            [tool, *options, str(file), *(["-"] if tool == "pdftotext" else [])], check=False, capture_output=True
        )
    except FileNotFoundError:
        pytest.skip(f"{tool} is not installed (Debian: poppler-utils): papers are not read")
    assert done.returncode == 0, done.stderr
    return done.stdout.decode()


def test_the_application_form_says_everything(tmp_path: Path) -> None:
    text = run("pdftotext", form(), tmp_path, "-layout")
    for part in (
        *("システムサービス利用契約変更申込書", "2600001A", "2026年11月24日", "ナックス商事株式会社", "NAC001"),
        *("東京都港区港南10-100-1", "管理", "taro@naxtrade.example", "増設", "2026年12月9日", "変更前", "変更後"),
        *("NAC00101（SMTP/POP3）", "■○廃止SMTP/POP3NAC00101", "■―追加SMTP/POP3NAC00102", "□○○EDIFACTNAC00103"),
        *("申込担当者", "メールボックス数追加1変更0削除1", "企業略称NAC", "1/1"),
    ):
        assert re.sub(r"\s", "", part) in re.sub(r"\s", "", text), part
    assert [line.split()[0] for line in text.split("\n") if line.strip()[:1] in ("■", "□")] == ["■", "■", "□"]


def test_the_approval_says_from_when_on_it_holds(tmp_path: Path) -> None:
    text = flat(approval(), tmp_path)
    for part in (
        "システムサービス利用契約変更承認通知",
        "御中",
        "記申込受付番号",
        "以上",
        "利用開始日",
        "2026年12月10日",
        "通関情報センター",
    ):
        assert part in text
    assert "Approval" in run("pdftotext", approval(Language.EN), tmp_path)


def test_every_font_is_in_the_file(tmp_path: Path) -> None:
    rows = run("pdffonts", form(), tmp_path).splitlines()[2:]
    assert rows
    assert all("BIZUDPGothic" in row and " yes yes yes " in row for row in rows)


def test_a_long_table_runs_over_pages_with_its_head(tmp_path: Path) -> None:
    lines = tuple(ContractLine(Item.USER_ID, f"1ANAC{n:03d}", "net", before=True, after=False) for n in range(120))
    text = run("pdftotext", form(lines=lines), tmp_path, "-layout")
    pages = text.split("\f")[:-1]
    assert len(pages) >= 4
    assert all("変更前" in page for page in pages[1:])
    assert f"1/{len(pages)}" in re.sub(r"\s", "", pages[0])
    assert re.findall(r"1ANAC +(\d{3}) ", text) == [f"{n:03d}" for n in range(120)]


REGISTERED = ContractLine(
    Item.USER_ID,
    "1ANACA01",
    "インタ",
    before=True,
    after=True,
    business="通関業",
    division="共用",
    shared=True,
    paid_statistics=True,
    bonded_archive=True,
    start=date(2020, 4, 1),
)
ROWS: dict[str, tuple[ContractLine, str]] = {  # a line of the contract → its row on the paper, without blanks
    "every column": (REGISTERED, "□○○共用通関業インタ1ANACA01○―○○2020/04/01"),
    "free of charge": (
        replace(REGISTERED, paid_statistics=False, free_statistics=True, bonded_archive=False, shared=False),
        "□○○共用通関業インタ1ANACA01―○――2020/04/01",
    ),
    "added": (
        ContractLine(Item.USER_ID, "1ANACB0C", "net", before=False, after=True, business="通関業", division="共用"),
        "■―追加共用通関業net1ANACB0C――――2026/12/10",
    ),
    "not numbered yet": (
        ContractLine(Item.USER_ID, "", "net", before=False, after=True),
        "■―追加net新規――――2026/12/10",
    ),
    "abolished": (replace(REGISTERED, after=False), "■○廃止共用通関業インタ1ANACA01○―○○2020/04/01"),
    "whole code": (
        ContractLine(Item.USER_CODE, "1ANAC", "通関業", before=True, after=False, business="通関業", division="共用"),
        "■○廃止共用通関業1ANAC全て―",
    ),
    "mailbox": (ContractLine(Item.MAILBOX, "NAC00101", "EDIFACT", before=True, after=True), "□○○EDIFACTNAC00101"),
}


@pytest.mark.parametrize("paper", ["form", "approval"])
def test_rows_of_the_lists_have_the_columns_of_the_manual(paper: str, tmp_path: Path) -> None:
    case = replace(CASE, contract=tuple(line for line, _ in ROWS.values()))
    raw = run("pdftotext", form(case) if paper == "form" else approval(case=case), tmp_path, "-layout")
    lines = [re.sub(r"\s", "", line) for line in raw.split("\n")]
    assert {name: row for name, (_, row) in ROWS.items() if row not in lines} == {}, raw
    for head in ("業種", "処理方式", "有料分", "無料分", "資料保存", "と共用", "利用開始日", "変更前", "変更後"):
        assert any(head in line for line in lines), head


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("name", ["user_id_abolition", "broker_id_addition", "mailbox_change"])
def test_an_ordinary_application_fits_on_one_page(name: str, language: Language, tmp_path: Path) -> None:
    case = samples_of_changes.completed(name)
    for paper in (form(case, language=language), approval(language, case)):
        assert "1/1" in flat(paper, tmp_path)
        assert len(paper.data) < 60_000  # the font's part of what is used, not all of it (4 MB)


def test_a_row_stays_on_its_page(tmp_path: Path) -> None:
    """Each row has a name of many lines, whose pieces must come on one page; the first does not fit on page 1."""
    lines = tuple(replace(REGISTERED, code=f"1ANAC{n:03d}", business=f"[{'業' * 150}]") for n in range(6))
    pages = run("pdftotext", form(lines=lines), tmp_path, "-layout").split("\f")[:-1]
    assert [page.count("業") for page in pages[1:]] == [302, 302, 302]  # two rows and a head


def test_the_approval_is_a_letter(tmp_path: Path) -> None:
    """文書番号, 日付, 宛名, 発信者, 件名, 本文, 記, 以上 in this order."""
    text = flat(approval(), tmp_path)
    order = ("承認第2600001A号", "2026年12月10日", "第一営業所御中", "通関情報センター", "申込受付デスク")
    order += ("システムサービス利用契約変更承認通知", "下記のとおり承認しました", "記", "お問い合わせ先", "以上")
    places = [text.index(part) for part in order[:6]]
    assert places == sorted(places)
    assert re.search("下記のとおり承認しました.*通知いたします。記申込受付番号.*お問い合わせ先.*以上", text)
    assert f"申込受付番号{2600001}Aをお伝えください" in text


def test_the_same_content_gives_the_same_bytes() -> None:
    assert form().data == form().data


def test_what_people_wrote_is_no_mark_up(tmp_path: Path) -> None:
    hostile = 'a <b>x</b> & <para> <img src="/etc/passwd"/> </font> ' + "長" * 240
    text = flat(form(with_values(reason=hostile)), tmp_path)
    assert '<imgsrc="/etc/passwd"/>' in text
    assert "長" * 240 in text


def test_a_character_the_font_does_not_have_is_never_printed_as_a_box() -> None:
    office = replace(CASE.office, name="𠮷野事業所😀")
    with pytest.raises(MissingGlyphs) as caught:
        form(replace(CASE, office=office))
    assert "😀" in caught.value.what


def test_a_variation_selector_changes_nothing_but_the_shape(tmp_path: Path) -> None:
    office = replace(CASE.office, name="葛\U000e0100飾営業所")
    assert "葛飾営業所" in flat(form(replace(CASE, office=office)), tmp_path)
    assert "葛飾第一営業所御中" in flat(approval(case=with_company("葛\U000e0100飾")), tmp_path)


def test_kana_in_two_parts_and_ticks_are_printed_as_one_sees_them(tmp_path: Path) -> None:
    assert "パスワードの■" in flat(form(with_values(reason="ハ\u309aスワート\u3099の☑")), tmp_path)


@pytest.mark.parametrize("paper", [form, lambda case: approval(case=case)])
def test_an_invisible_character_in_a_name_is_for_a_person_to_judge(paper: Callable[[Case], Enclosure]) -> None:
    with pytest.raises(MissingGlyphs) as caught:
        paper(with_company("ナックス\u202e商事"))
    assert caught.value.what == "\u202e"


def test_a_name_of_two_lines_cannot_change_the_words_of_a_paper(tmp_path: Path) -> None:
    text = flat(approval(case=with_company("ナックス商事\ntitle = 偽の通知\n")), tmp_path)
    assert text.count("システムサービス利用契約変更承認通知") == 2  # the title and the foot


@pytest.mark.parametrize("lines", [1, 40, 56, 57, 58, 120])
def test_a_row_higher_than_a_page_runs_on(lines: int, tmp_path: Path) -> None:
    """A reason of 240 characters can have 120 lines; it must not keep an approval from being told."""
    reason = "\n".join("甲" * lines)
    text = flat(form(with_values(reason=reason, remarks=reason.replace("甲", "乙"))), tmp_path)
    assert (text.count("甲"), text.count("乙")) == (lines, lines)


def test_a_hundred_ids_in_one_field_and_a_long_line_of_the_contract(tmp_path: Path) -> None:
    boxes = tuple(f"NAC001{n:02d}" for n in range(10, 100))
    text = flat(
        form(with_values(abolished=boxes), (ContractLine(Item.USER_ID, "丙" * 3000, "", before=True, after=False),)),
        tmp_path,
    )
    assert all(box in text for box in boxes)
    assert text.count("丙") == 3000


def test_a_day_that_is_not_fixed_is_left_out(tmp_path: Path) -> None:
    application = replace(CASE.application, start_date=None)
    case = replace(CASE, application=application)
    assert "審査終了日" in flat(approval(case=case), tmp_path)
    assert "利用開始日" not in flat(form(case), tmp_path)


@pytest.mark.parametrize("language", Language)
def test_names_of_the_files(language: Language) -> None:
    expected = {Language.JA: ("申込書", "承認通知"), Language.EN: ("application", "approval")}[language]
    assert (form(language=language).name, approval(language).name) == tuple(f"{n}_2600001A.pdf" for n in expected)


def test_a_copy_of_a_template_that_lacks_words_is_told(tmp_path: Path) -> None:
    """An operator's copy from before an upgrade: the notice goes without its paper, and the operators are told."""
    own = tmp_path / "papers"
    own.mkdir()
    (own / "approval.ja.j2").write_text("title = 承認\nfile = 承認\nletter = 1\n", encoding="utf-8")
    words = {p.name: p.words for p in samples.PROCEDURES.values()}
    writer = PaperWriter(Renderer([tmp_path, samples.TEMPLATES], words), samples.DESK)
    with pytest.raises(Unprintable) as caught:
        writer.enclosure(PaperRequest(PaperKind.APPROVAL, ISSUED), CASE, Language.JA)
    assert caught.value.what == "templates/papers/approval.ja.j2: the line «to = …» is missing"
