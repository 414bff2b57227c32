"""The rules of パスワード初期化 (S0, S1; domain, «1. パスワード初期化»)."""

from datetime import date

import pytest

from mailbot.model.contract import Office, UserCode, UserId
from mailbot.model.effects import IssuePassword
from mailbot.model.people import Administrator
from mailbot.model.procedure import Circumstances, Filled
from mailbot.procedures import load_procedures
from mailbot.procedures.password_reset import PROCEDURE

TODAY = date(2026, 11, 20)
OFFICE = Office(
    "NAC001",
    "ナックス商事株式会社",
    "第一営業所",
    Administrator(name="管理 花子", kana="カンリ ハナコ", phone="0312345678", email="hanako@naxtrade.example"),
    user_codes=(
        UserCode(
            "1ANAC",
            user_ids=(
                UserId("1ANAC", "A0A", "net"),
                UserId("1ANAC", "A01", "インタ"),
                UserId("1ANAC", "B11", "net"),
                UserId("1ANAC", "BI1", "net"),
                UserId("1ANAC", "Z9Z", "net", start=date(2027, 1, 1)),
                UserId("1ANAC", "Y9Y", "net", end=date(2026, 1, 1)),
            ),
        ),
        UserCode("1CNAC", user_ids=(UserId("1CNAC", "C01", "自社システム用"),)),
        UserCode("1ONAC", user_ids=(UserId("1ONAC", "D0A", "net"),)),
    ),
)


def findings(
    ids: tuple[str, ...], day: date = TODAY, open_elsewhere: dict[str, tuple[str, ...]] | None = None, **values: str
):  # type: ignore[no-untyped-def]
    filled = Filled({"user_ids": ids, **values}, dict(values))
    return PROCEDURE.check(filled, Circumstances(OFFICE, day, open_elsewhere or {}))


def test_it_is_found_by_looking() -> None:
    found = load_procedures()
    assert found["password_reset"] is PROCEDURE
    assert list(found) == ["broker_id_addition", "mailbox_change", "password_reset", "user_id_abolition"]


@pytest.mark.parametrize(
    ("full", "code", "read", "suggestion"),
    [
        ("1ANACAOA", "unknown_user_id", "AOA", "A0A"),  # O for 0, the center's own FAQ
        ("1ANACAO1", "unknown_user_id", "AO1", "A01"),
        ("1ANACAOI", "unknown_user_id", "AOI", "A01"),
        ("1ANACBII", "unknown_user_id", "BII", ""),  # two registered ones look like it: nothing is certain
        ("1ANACZZZ", "unknown_user_id", "ZZZ", ""),
        ("10NACD0A", "unknown_user_code", "10NAC", "1ONAC"),
        ("IANACA0A", "unknown_user_code", "IANAC", "1ANAC"),
        ("9ZZZZA0A", "unknown_user_code", "9ZZZZ", ""),
        ("1ANACZ9Z", "user_id_not_in_use", "1ANACZ9Z", ""),  # not yet
        ("1ANACY9Y", "user_id_not_in_use", "1ANACY9Y", ""),  # no longer
    ],
)
def test_ids_that_cannot_be_initialised(full: str, code: str, read: str, suggestion: str) -> None:
    (finding,) = findings((full,))
    assert (finding.code, finding.read, finding.suggestion) == (code, read, suggestion)


@pytest.mark.parametrize(
    ("values", "codes"),
    [
        ({"timing": "earliest"}, []),
        ({}, []),
        ({"timing": "dated"}, ["date_needed"]),
        ({"timing": "dated", "wished_day": "2026-11-20"}, ["date_today"]),  # 当日の日付の入力はできません
        ({"timing": "dated", "wished_day": "2026-11-19"}, ["date_past"]),
        ({"timing": "dated", "wished_day": "2026-11-21"}, []),
        ({"timing": "earliest", "wished_day": "2026-11-21"}, ["date_not_needed"]),
    ],
)
def test_the_wished_day(values: dict[str, str], codes: list[str]) -> None:
    found = findings(("1CNACC01",), **values)
    assert [f.code for f in found if not f.code.startswith("hint")] == codes


def test_an_id_that_another_open_application_names() -> None:
    (finding,) = findings(("1ANACA0A",), open_elsewhere={"1ANACA0A": ("2600001C",)})
    assert (finding.code, finding.params) == ("already_open", {"receipts": "2600001C"})


def test_another_id_could_do_it_at_once() -> None:
    """S0: 複数IDを所有している場合は他のIDでURY「I」業務を実施."""
    (hint,) = findings(("1ANACA0A",))
    assert (hint.code, hint.params) == ("hint_ury_i", {"others": "1ANACA01、1ANACB11、1ANACBI1"})
    (in_house,) = findings(("1CNACC01",))
    assert in_house.code == "hint_in_house"
    assert [f.code for f in findings(("1ONACD0A",))] == []  # it is alone under its code


def test_every_id_gets_a_password() -> None:
    filled = Filled({"user_ids": ("1ANACA0A", "1CNACC01")})
    assert PROCEDURE.effects(filled, Circumstances(OFFICE, TODAY)) == [
        IssuePassword("1ANACA0A"),
        IssuePassword("1CNACC01"),
    ]
