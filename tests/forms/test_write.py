"""What we send to be filled in can be read back."""

from hypothesis import given
from hypothesis import strategies as st

from mailbot.forms.read import read_form
from mailbot.forms.write import FormLayout, write_form
from mailbot.model.common_fields import COMMON_FIELDS
from mailbot.model.people import Language
from mailbot.model.procedure import Filled
from mailbot.procedures.password_reset import PROCEDURE

FIELDS = COMMON_FIELDS + PROCEDURE.fields
IDS = (("1ANACA0A", "net"), ("1ANACA0B", "net"), ("1ANACA01", "インタ"))
MAILBOXES = (("NAC00101", "SMTP/POP3"), ("NAC00102", "EDIFACT"))

plain = st.text(alphabet="通関太郎引き継ぎ失念。、abc 123", min_size=1, max_size=40).map(str.strip).filter(bool)
fillings = st.fixed_dictionaries(
    {"office": st.just("NAC001"), "reason": plain, "timing": st.sampled_from(["earliest", "dated"])},
    optional={
        "user_ids": st.lists(st.sampled_from([i for i, _ in IDS]), min_size=1, unique=True).map(
            lambda ids: tuple(i for i, _ in IDS if i in ids)
        ),
        "mailboxes": st.sampled_from([("NAC00101",), ("NAC00101", "NAC00102")]),
        "wished_day": st.dates().map(lambda d: d.replace(year=2026 + d.year % 50, day=min(d.day, 28)).isoformat()),
        "remarks": plain,
        "contact_name": plain,
        "contact_phone": st.from_regex(r"0[0-9]{9}", fullmatch=True),
    },
)


@given(fillings, st.sampled_from(Language))
def test_a_filled_form_comes_back_as_it_was(values: dict[str, object], language: Language) -> None:
    layout = FormLayout(PROCEDURE.title(language), FIELDS, language, IDS, mailboxes=MAILBOXES)
    reading = read_form(write_form(layout, Filled(values)), FIELDS)  # type: ignore[arg-type]
    assert reading.findings == ()
    assert reading.unknown_lines == ()
    assert dict(reading.filled.values) == values | {"procedure": PROCEDURE.title(language)}


def test_what_could_not_be_read_stands_there_as_it_was_written() -> None:
    filled = Filled({}, {"wished_day": "来週の月曜", "user_ids": "利用者コード：1ANA\n識別番号：A0A"})
    text = write_form(FormLayout("パスワード初期化", FIELDS, Language.JA, IDS), filled)
    assert "NACCS登録希望日：来週の月曜" in text
    assert "利用者コード：1ANA\n識別番号：A0A" in text


def test_the_empty_form_has_every_field_and_the_ids_to_tick() -> None:
    layout = FormLayout("パスワード初期化", FIELDS, Language.JA, IDS, mailboxes=MAILBOXES)
    text = write_form(layout, Filled({"timing": "earliest"}))
    assert "手続：パスワード初期化" in text
    assert "[ ] 1ANACA0A（net）" in text
    assert "メールボックスID：\n[ ] NAC00101（SMTP/POP3）\n[ ] NAC00102（EDIFACT）" in text
    assert "[x] 最短の日程で登録を希望" in text
    assert all(field.label(Language.JA) in text for field in FIELDS)
