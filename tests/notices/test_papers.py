"""The papers: readable, complete, with the font in the file; and never a box in place of a name."""

import re
import subprocess
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from mailbot.model.effects import ContractLine, Item
from mailbot.model.notice import Enclosure
from mailbot.model.people import Language
from mailbot.notices.contents.base import PaperKind, PaperRequest
from mailbot.notices.papers import MissingGlyphs, PaperWriter
from mailbot.notices.render import Renderer
from mailbot.notices.values import Case
from tests.testkit.notices import samples, samples_of_changes

WRITER = PaperWriter(
    Renderer([samples.TEMPLATES], {p.name: p.words for p in samples.PROCEDURES.values()}), samples.DESK
)
LINES = (
    ContractLine(Item.MAILBOX, "NAC00101", "SMTP/POP3", before=True, after=False),
    ContractLine(Item.MAILBOX, "NAC00102", "SMTP/POP3", before=False, after=True),
    ContractLine(Item.MAILBOX, "NAC00103", "EDIFACT", before=True, after=True),
)
CASE = replace(samples_of_changes.completed("mailbox_change"), contract=LINES)
ISSUED = date(2026, 11, 24)


def form(case: Case = CASE, lines: tuple[ContractLine, ...] = (), language: Language = Language.JA) -> Enclosure:
    case = replace(case, contract=lines or case.contract)
    return WRITER.enclosure(PaperRequest(PaperKind.APPLICATION_FORM, ISSUED), case, language)


def approval(language: Language = Language.JA, case: Case = CASE) -> Enclosure:
    return WRITER.enclosure(PaperRequest(PaperKind.APPROVAL, date(2026, 12, 10)), case, language)


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
        *("NAC00101（SMTP/POP3）", "（廃止）", "（なし）", "申込担当者", "1/1"),
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
    assert all(f"1ANAC{n:03d}" in text for n in range(120))


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


@pytest.mark.parametrize("lines", [1, 40, 51, 52, 53, 120])
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
