"""A notice that is stored as a value says the same when it is written later."""

import json
from dataclasses import replace
from typing import Any

import pytest

from mailbot.model.people import Language
from mailbot.notice_samples.all_samples import writer
from mailbot.notices.codec import CodecError, Decoder, Encoder
from mailbot.notices.contents.base import NoticeToWrite
from tests.testkit.notices import all_samples, samples


def notice(sample: samples.Sample) -> NoticeToWrite:
    return NoticeToWrite(
        content=sample.content,
        to=sample.to,
        reply_to=sample.reply_address,
        references=("<1@desk.example>",),
        answers=True,
    )


def stored(sample: samples.Sample) -> Any:
    return json.loads(json.dumps(Encoder().encode(notice(sample)), ensure_ascii=False))


@pytest.mark.parametrize("language", Language)
def test_every_notice_says_the_same(language: Language) -> None:
    differ = []
    for name, sample in (all_samples.notices(language) | all_samples.answers(language)).items():
        again = Decoder(samples.PROCEDURES).decode(stored(sample))
        assert replace(again, content=sample.content) == notice(sample)
        if writer().write(again.content, again.to, again.reply_to) != sample.write(writer()):
            differ.append(name)
    assert differ == []


def test_the_copies_of_a_notice() -> None:
    """Copies that follow each other share their content; each has its own reader."""
    sample = all_samples.notices(Language.JA)["received"]
    other = replace(sample, to=samples.administrator(Language.JA))
    encoder, decoder = Encoder(), Decoder(samples.PROCEDURES)
    copies = [encoder.encode(notice(one)) for one in (sample, other, all_samples.notices(Language.JA)["withdrawn"])]
    assert copies == [stored(sample), stored(other), stored(all_samples.notices(Language.JA)["withdrawn"])]
    assert copies[0]["content"] is copies[1]["content"]
    first, second = decoder.decode(stored(sample)), decoder.decode(stored(other))
    assert second.content is first.content
    assert (first.to, second.to) == (sample.to, other.to)
    third = decoder.decode(stored(all_samples.notices(Language.JA)["withdrawn"]))
    assert third.content.kind == "withdrawn"
    assert decoder.decode(stored(sample)).content == first.content


def test_the_hash_of_a_password_is_not_stored_with_a_notice() -> None:
    sample = all_samples.notices(Language.JA)["received"]
    assert sample.content.case is not None
    office = replace(sample.content.case.office, password_hash="$argon2id$v=19$")
    content = replace(sample.content, case=replace(sample.content.case, office=office))
    assert "argon2" not in repr(stored(replace(sample, content=content)))


def test_what_another_version_stored() -> None:
    """A field that is gone is ignored, one that is new has its default; an unknown kind is an error, not a guess."""
    data = stored(all_samples.notices(Language.JA)["received"])
    data["content"]["was_here_once"] = "x"
    del data["content"]["changes"]
    assert Decoder(samples.PROCEDURES).decode(data).content.kind == "received"
    for broken in (
        {**data, "$": "Unknown"},
        {"$": "Office"},
        {**data, "to": {"$p": "no_such_procedure"}},
        data["to"],
        {},
    ):
        with pytest.raises(CodecError):
            Decoder(samples.PROCEDURES).decode(broken)


def test_kinds_and_fields_of_earlier_versions() -> None:
    """They were decided before an upgrade: each is still written, and none is held for ever."""
    notices, answers = all_samples.notices(Language.JA), all_samples.answers(Language.JA)
    challenge = stored(answers["challenge"])
    del challenge["content"]["answer_by"]
    challenge["content"] |= {"hours": 24, "received_at": {"$d": "2026-11-20T10:00:00+09:00"}}
    reminder = stored(notices["review_request"])
    reminder["content"] = {"$": "ReviewReminder", "case": reminder["content"]["case"], "paper": None}
    answer = stored(answers["no_form"])
    answer["content"]["topic"] = "not_understood"
    daily_list = stored(answers["daily_list"])
    names = daily_list["content"]["params"]["$m"]
    (mails,) = [pair for pair in names if pair[0] == "quarantined"]
    mails[0] = "set_aside"
    mails[1] = [{**one, "$": "SetAsideLine"} for one in mails[1]]
    number = f"#{mails[1][0]['number']}"
    for old, says in (
        (daily_list, number),
        (challenge, "11月20日"),
        (reminder, "【審査依頼】"),
        (answer, "【ご確認】"),
    ):
        again = Decoder(samples.PROCEDURES).decode(old)
        words = writer().write(again.content, again.to, again.reply_to)
        assert says in f"{words.subject}{words.text}", old["content"]["$"]


def test_a_value_without_a_representation() -> None:
    sample = all_samples.answers(Language.JA)["help"]
    without = replace(sample, content=replace(sample.content, params={"form": object()}))
    with pytest.raises(CodecError, match="object"):
        Encoder().encode(notice(without))
