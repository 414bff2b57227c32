"""A reply to the digest: each line with a receipt number is answered by it, and none is another's 通知内容."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailbot.forms.digest_lines import decisions_by_line, names_company

A, B = "2600008C", "2600009C"


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        (f"{A} 承認", ["approve"]),
        (f"[{A}] 承認", ["approve"]),
        (f"・{A}：承認", ["approve"]),
        (f"■ {A}　承認", ["approve"]),
        (f"1. {A} 承認します。", ["approve"]),
        (f"{A}→承認", ["approve"]),
        (f"・{A} ⇒ 承認", ["approve"]),
        (f"{A} => 承認", ["approve"]),
        (f"{A} 承認（至急）", ["approve"]),
        (f"{A} 承認 しません", ["meant"]),
        (f"{A} 承認（条件付き）", ["meant"]),
        (f"{A} 承認\nでよろしいでしょうか。", ["meant"]),
        (f"{A} 承認\n{B} 承認\nやはり{'保留'}です。", ["approve", "meant"]),
        (f"{A}は承認", ["approve"]),
        (f"{A} - 承認", ["approve"]),
        (f"{A}、{B} 承認", ["approve", "approve"]),
        (f"{A} {B} 承認", ["approve", "approve"]),
        (f"{A}と{B}：承認", ["approve", "approve"]),
        (f"{A}/{B} 保留", ["hold", "hold"]),
        (f"{A} 保留（証票番号を確認中）", ["hold"]),
        (f"{A} 確認依頼 理由をお知らせください", ["ask"]),
        (f"{A}：差戻し：理由が不足", ["ask"]),
        (f"{A} 承認でお願いします", ["meant"]),
        (f"{A} 承認しません", ["none"]),
        (f"{A} 承認？", ["none"]),
        (f"{A}", ["none"]),
        (f"{A}\n承認", ["none"]),
        (f"{A} 承認\n{A} 保留", ["several"]),
        (f"{A} 承認\n{A} 承認", ["approve"]),
        (f"{A}の件、まだ確認中です", ["none"]),
        (f"□{A} 承認　■{B} 承認", ["none", "none"]),
        (f"□ {A} 承認", ["none"]),
        (f"■ {A} 承認", ["approve"]),
        (f"[ ] {A} 承認\n{B} [ ] 承認", ["none", "none"]),
        (f"{A} 承認 {B} 保留", ["none", "none"]),
        (f"{A}：承認、{B}：差戻し：理由不足", ["none", "none"]),
        (f"{A} 承認（A0Bを除く）", ["meant"]),
        (f"{A} 承認\nA0Bのみ", ["meant"]),
        ("全件承認します。", []),
        ("承認", []),
    ],
)
def test_each_line_with_a_number_is_answered(text: str, kinds: list[str]) -> None:
    assert [decision.kind for _, decision in decisions_by_line(text)] == kinds


@pytest.mark.parametrize(
    ("words", "named"),
    [
        ("港南物流様の件は確認中です。", True), ("（株） 港南物流のIDと同じです", True), ("Konan Logi の件です", True), ("理由をお知らせください。", False),
        ("物流の件です", False), ("", False),
    ],
)  # fmt: skip
def test_the_name_of_another_company(words: str, named: bool) -> None:
    assert names_company(words, ["港南物流株式会社", "KONAN LOGI CO., LTD.", "株式会社"]) is named


def test_words_belong_to_the_number_above_them() -> None:
    found = dict(decisions_by_line(f"{A} 確認依頼\n理由をお知らせください。\n・{B}：承認\n\nよろしくお願いします。"))
    assert found[A].words == "理由をお知らせください。"
    assert (found[B].kind, found[B].words) == ("approve", "")


LINES = [
    f"{A} 承認",
    f"・{B}：承認",
    f"{A} 承認でお願いします",
    f"{B} 確認依頼",
    f"（{A}）",
    "理由をご確認ください。",
    "",
    f"{B}、{A} 保留",
    "以上",
]


@given(st.lists(st.sampled_from(LINES), max_size=8))
def test_no_line_with_a_number_is_words(lines: list[str]) -> None:
    text = "\n".join(lines)
    found = decisions_by_line(text)
    assert all(re.search(r"\d{7}[ABC]", decision.words) is None for _, decision in found)
    assert {receipt for receipt, _ in found} == set(re.findall(r"\d{7}[ABC]", text))
