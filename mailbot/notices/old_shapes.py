"""Stored notices of an earlier version of the program, in the shape that this version reads.

An upgrade finds notices in the outbox that were decided before it.  One whose kind or fields are gone could never be
written, and would be held for ever.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from mailbot.clock import tokyo_date


def renewed(data: Mapping[str, Any]) -> Mapping[str, Any]:
    """`data` as `codec.Encoder` makes it now; the same object when its shape has not changed.

    Raises KeyError, TypeError and ValueError for data of no shape.
    """
    content = data["content"]
    change = _CHANGED.get(content["$"])
    return {**data, "content": change(content)} if change is not None else data


def _challenge(content: Mapping[str, Any]) -> Mapping[str, Any]:
    """It could be answered for some hours; the last day that it names now is the last one before their end."""
    if "hours" not in content or "answer_by" in content:
        return content
    asked = datetime.fromisoformat(content["received_at"]["$d"])
    last = tokyo_date(asked + timedelta(hours=content["hours"])) - timedelta(days=1)
    return {**content, "answer_by": {"$d": max(last, tokyo_date(asked)).isoformat()}}


def _reminder(content: Mapping[str, Any]) -> Mapping[str, Any]:
    """A reminder to a reviewer is a 審査依頼 now: it can be answered in the same way."""
    return {**content, "$": "ReviewRequest", "checks": []}


def _answer(content: Mapping[str, Any]) -> Mapping[str, Any]:
    """What could not be read is passed on to a person now; the nearest answer says that no form was found."""
    return {**content, "topic": _TOPICS.get(content["topic"], content["topic"])}


def _alert(content: Mapping[str, Any]) -> Mapping[str, Any]:
    """The daily list calls quarantined mail so, in its parameters and in the name of a line.

    The words for the reason are in the templates; a line brought an English sentence before.
    """
    pairs = content["params"]["$m"]
    names = ("set_aside", "quarantined")
    mails = [[_quarantined(one) for one in value] for name, value in pairs if name in names]
    others = [pair for pair in pairs if pair[0] not in names]
    return {**content, "params": {"$m": [*others, *(["quarantined", lines] for lines in mails)]}}


def _quarantined(line: Mapping[str, Any]) -> Mapping[str, Any]:
    return {name: value for name, value in line.items() if name != "meaning"} | {"$": "QuarantinedLine"}


_TOPICS = {"not_understood": "no_form", "set_aside": "limit_reached"}
_CHANGED: dict[str, Callable[[Mapping[str, Any]], Mapping[str, Any]]] = {
    "Alert": _alert,
    "Answer": _answer,
    "Challenge": _challenge,
    "ReviewReminder": _reminder,
}
