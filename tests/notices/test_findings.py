"""Every finding that the code can make has words of its own, in both languages."""

import re
from dataclasses import replace
from itertools import product
from pathlib import Path

import pytest

from mailbot.model.people import Language
from mailbot.model.procedure import Finding, Severity
from mailbot.notice_samples.all_samples import writer
from mailbot.notices.contents.applicant import Draft, Received
from tests.testkit.notices import samples
from tests.testkit.tables import each_row

FALLBACK = {Language.JA: "この項目の内容をご確認ください。", Language.EN: "Please check this field."}
# The codes that the specification names, whoever makes them.
NAMED = {
    *("required", "too_long", "not_a_phone", "not_an_address", "emails_differ", "email_not_registered", "not_a_date"),
    *("weekday_differs", "not_a_choice", "not_a_number", "not_kana", "not_a_user_id", "number_without_code"),
    *("given_twice", "ambiguous_label", "unknown_line", "unknown_office", "foreign_office", "office_needed"),
    *("unknown_user_code", "unknown_user_id", "foreign_user_id", "user_id_not_in_use", "date_today", "date_past"),
    *("date_needed", "date_not_needed", "already_open", "hint_ury_i", "hint_in_house", "office_fixed"),
}
# Code → the folder it is made in.
MADE = {
    code: file.parent.name
    for file in (Path(__file__).parents[2] / "mailbot").rglob("*.py")
    if file.parent.name != "_skeleton"
    for code in re.findall(r"(?:Finding\(\s*|circumstances, )\"(\w+)\"", file.read_text(encoding="utf-8"))
}


def _draft(finding: Finding, language: Language) -> str:
    procedure = samples.PROCEDURES.get(MADE.get(finding.code, ""), samples.PROCEDURE)
    case, to = replace(samples.case(samples.DRAFT), procedure=procedure), samples.contact(language)
    return writer().write(Draft(case=case, findings=[finding], form=""), to).text.replace("\n", "")


@each_row("code, language", [*product(sorted(NAMED | set(MADE)), Language)])
def test_words(code: str, language: Language) -> None:
    """With nothing but the code too: no word may depend on a parameter that is not there."""
    for finding in (Finding(code), Finding(code, "reason", "AOA", "A0A", params={"others": "1ANACA0B"})):
        assert FALLBACK[language] not in _draft(finding, language)


def test_the_source_is_searched() -> None:
    assert {"required", "unknown_user_id", "hint_ury_i", "already_abolished", "badge_too_long"} <= set(MADE)


@pytest.mark.parametrize("language", Language)
def test_a_code_without_words_is_said_in_general(language: Language) -> None:
    assert FALLBACK[language] in _draft(Finding("no_such_code", "reason"), language)


@pytest.mark.parametrize(
    "read, meant, words",
    [
        ("AOA", "A0A", "A0A（ゼロ）ではありませんか"),
        ("A0A", "AOA", "AOA（英字のオー）ではありませんか"),
        ("AIA", "A1A", "A1A（数字のイチ）ではありませんか"),
        ("A1A", "AIA", "AIA（英字のアイ）ではありませんか"),
    ],
)
def test_lookalikes_are_named(read: str, meant: str, words: str) -> None:
    text = _draft(Finding("unknown_user_id", "user_ids", read, meant, params={"code": "1ANAC"}), Language.JA)
    assert f"識別番号 {read} は登録がありません。{words}" in text


def test_another_office_s_id_is_not_told_from_one_that_does_not_exist() -> None:
    foreign, unknown = (Finding(code, "user_ids", "A0A") for code in ("foreign_user_id", "unknown_user_id"))
    assert _draft(foreign, Language.JA) == _draft(unknown, Language.JA)


def test_the_procedure_s_own_words_come_first(tmp_path: Path) -> None:
    folder = tmp_path / "procedure/password_reset"
    folder.mkdir(parents=True)
    (folder / "findings.ja.j2").write_text("{% macro required(f) %}ここだけの言葉{% endmacro %}")
    case, to = samples.case(samples.DRAFT), samples.contact(Language.JA)
    words = samples.make_writer(tmp_path).write(Draft(case=case, findings=[Finding("required", "reason")], form=""), to)
    assert "ここだけの言葉" in words.text


def test_warnings_and_hints_are_told_apart() -> None:
    found = [
        Finding("date_not_needed", "wished_day", "20261130", severity=Severity.WARNING),
        Finding("hint_in_house", "user_ids", "1ANACA0A", severity=Severity.HINT),
    ]
    text = (
        writer().write(Received(case=samples.case(samples.RECEIVED), findings=found), samples.contact(Language.JA)).text
    )
    assert text.index("ご注意") < text.index("20261130") < text.index("自社システム用")
    assert text.count("ご注意") == 1
