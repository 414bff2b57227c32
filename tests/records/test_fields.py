"""Tests of records.schema.columns: every value is read back as it was stored."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailbot.records.schema.columns import InstantField, JsonField, storable

INSTANTS = st.datetimes(
    min_value=datetime(1900, 1, 1), max_value=datetime(9000, 1, 1), timezones=st.just(timezone(timedelta(hours=9)))
)


@given(INSTANTS, INSTANTS)
def test_instants_sort_as_text(one: datetime, other: datetime) -> None:
    field = InstantField()
    texts = [field.db_value(value) for value in (one, other)]
    assert [field.python_value(text) for text in texts] == [one, other]
    assert (one < other) == (str(texts[0]) < str(texts[1]))
    assert str(texts[0]).endswith("+00:00")


def test_an_instant_needs_a_time_zone() -> None:
    with pytest.raises(ValueError, match="time zone"):
        InstantField().db_value(datetime(2026, 11, 20))
    assert InstantField().db_value(None) is None
    assert InstantField().python_value("2026-11-20T01:00:00.000000+00:00") == datetime(2026, 11, 20, 1, tzinfo=UTC)


@given(st.text(st.characters(codec=None)))
def test_any_text_can_be_stored(text: str) -> None:
    kept = storable(text)
    assert kept.encode() and "\0" not in kept if text else kept == ""
    assert len(kept) == len(text)
    assert storable(kept) == kept


def test_what_is_text_stays_as_it_is() -> None:
    assert storable("髙﨑①㈱ 𠮷\r\n\t") == "髙﨑①㈱ 𠮷\r\n\t"
    assert storable("a\udcffb\0c") == "a\ufffdb\ufffdc"


def test_json_keeps_japanese_readable() -> None:
    field = JsonField()
    assert field.db_value({"住所": ["東京", "\udcff"]}) == '{"住所": ["東京", "\ufffd"]}'
    assert field.python_value('{"住所": 1}') == {"住所": 1}
    assert field.db_value(None) is None
    assert field.python_value(None) is None
