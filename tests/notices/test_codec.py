"""A notice that is stored as a value says the same when it is written later."""

import json
from typing import Any

import pytest

from mailbot.model.people import Language
from mailbot.notices.codec import CodecError, decode, encode
from tests.notices import all_samples, samples

WRITER = samples.make_writer()


def stored(sample: samples.Sample) -> Any:
    return json.loads(json.dumps(encode(sample.content), ensure_ascii=False))


@pytest.mark.parametrize("language", Language)
def test_every_notice_says_the_same(language: Language) -> None:
    differ = []
    for name, sample in (all_samples.notices(language) | all_samples.answers(language)).items():
        again = decode(stored(sample), samples.PROCEDURES)
        if samples.Sample(again, sample.to, sample.reply_address).write(WRITER) != sample.write(WRITER):
            differ.append(name)
        assert type(again) is type(sample.content)
    assert differ == []


def test_what_another_version_stored() -> None:
    """A field that is gone is ignored, one that is new has its default; an unknown kind is an error, not a guess."""
    data = stored(all_samples.notices(Language.JA)["received"])
    data["was_here_once"] = "x"
    del data["changes"]
    assert decode(data, samples.PROCEDURES).kind == "received"
    for broken in ({**data, "$": "Unknown"}, {"$": "Office"}, {**data, "case": {"$p": "no_such_procedure"}}, {}):
        with pytest.raises(CodecError):
            decode(broken, samples.PROCEDURES)


def test_a_value_without_a_representation() -> None:
    content = all_samples.answers(Language.JA)["help"].content
    object.__setattr__(content, "params", {"form": object()})
    with pytest.raises(CodecError, match="object"):
        encode(content)
