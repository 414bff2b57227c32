"""The papers: readable, complete, with the font in the file; and never a box in place of a name."""

import re
import subprocess
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from mailbot.model.people import Language
from mailbot.notices.papers import MissingGlyphs, Paper, PaperLine, PaperWriter
from mailbot.notices.render import Renderer
from mailbot.notices.write import Case
from tests.notices import samples, samples_of_changes

WRITER = PaperWriter(
    Renderer([samples.TEMPLATES], {p.name: p.words for p in samples.PROCEDURES.values()}), samples.DESK
)
CASE = samples_of_changes.completed("mailbox_change")
ISSUED = date(2026, 11, 24)
LINES = [
    PaperLine("メールボックス", "NAC00101（SMTP/POP3）", "", changed=True),
    PaperLine("メールボックス", "", "NAC00102（SMTP/POP3）", changed=True),
    PaperLine("メールボックス", "NAC00103（EDIFACT）", "NAC00103（EDIFACT）", changed=False),
]


def form(case: Case = CASE, lines: list[PaperLine] = LINES, language: Language = Language.JA) -> Paper:
    return WRITER.application_form(case, language, lines, issued=ISSUED)


def approval(language: Language = Language.JA) -> Paper:
    return WRITER.approval(CASE, language, LINES, start=date(2026, 12, 10), issued=date(2026, 12, 10))


def run(tool: str, paper: Paper, tmp_path: Path, *options: str) -> str:
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
        *("NAC00101（SMTP/POP3）", "（廃止）", "（なし）", "1/2"),
    ):
        assert re.sub(r"\s", "", part) in re.sub(r"\s", "", text), part
    assert [line.split()[0] for line in text.split("\n") if line.strip()[:1] in ("■", "□")] == ["■", "■", "□"]


def test_the_approval_says_from_when_on_it_holds(tmp_path: Path) -> None:
    text = re.sub(r"\s", "", run("pdftotext", approval(), tmp_path))
    for part in ("システムサービス利用契約変更承認通知", "御中", "利用開始日", "2026年12月10日", "通関情報センター"):
        assert part in text
    assert "Approval" in run("pdftotext", approval(Language.EN), tmp_path)


def test_every_font_is_in_the_file(tmp_path: Path) -> None:
    rows = run("pdffonts", form(), tmp_path).splitlines()[2:]
    assert rows
    assert all("BIZUDPGothic" in row and " yes yes yes " in row for row in rows)


def test_a_long_table_runs_over_pages_with_its_head(tmp_path: Path) -> None:
    lines = [PaperLine("利用者ID", f"1ANAC{n:03d}（net）", "", changed=True) for n in range(120)]
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
    revision = CASE.application.revision
    filled = replace(revision.filled, values={**revision.filled.values, "reason": hostile})
    case = replace(CASE, application=replace(CASE.application, revision=replace(revision, filled=filled)))
    text = re.sub(r"\s", "", run("pdftotext", form(case), tmp_path))
    assert '<imgsrc="/etc/passwd"/>' in text
    assert "長" * 240 in text


def test_a_character_the_font_does_not_have_is_never_printed_as_a_box() -> None:
    office = replace(CASE.office, name="𠮷野事業所😀")
    with pytest.raises(MissingGlyphs) as caught:
        form(replace(CASE, office=office))
    assert "😀" in caught.value.characters


def test_a_variation_selector_changes_nothing_but_the_shape(tmp_path: Path) -> None:
    office = replace(CASE.office, name="葛\U000e0100飾営業所")
    assert "葛飾営業所" in re.sub(r"\s", "", run("pdftotext", form(replace(CASE, office=office)), tmp_path))


@pytest.mark.parametrize("language", Language)
def test_names_of_the_files(language: Language) -> None:
    expected = {Language.JA: ("申込書", "承認通知"), Language.EN: ("application", "approval")}[language]
    assert (form(language=language).name, approval(language).name) == tuple(f"{n}_2600001A.pdf" for n in expected)
