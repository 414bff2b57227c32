"""Which procedures a mail names."""

import re
from collections.abc import Iterable, Mapping, Sequence

from mailbot.forms.field_names import label_key, match_label
from mailbot.model.common_fields import HEAD_FIELDS

_LINE = re.compile(r"^([^：:＝=\t]{1,20})[：:＝=\t](.{1,80})$")
_SUFFIX = re.compile(r"(?:の)?(?:お)?(?:申込み?|申し込み|申請|依頼|手続き?|について)(?:書|です|します|の件)?$")
_PROCEDURE_FIELD = [field for field in HEAD_FIELDS if field.name == "procedure"]


def procedure_named(text: str, procedures: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    """The names of the procedures that `text` names, in order.

    `procedures`: name → its titles and aliases.  A 手続 line says it; without one, a line (or subject) that consists
    of a title does.
    """
    lines = text.split("\n")[:500]
    stated = [match[2] for line in lines if (match := _LINE.match(line.strip())) and _is_procedure_label(match[1])]
    if stated:
        return _named(stated, procedures)
    return _named(lines, procedures)


def _is_procedure_label(label: str) -> bool:
    return match_label(label, _PROCEDURE_FIELD).field is not None


def _named(candidates: Iterable[str], procedures: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for text in candidates:
        key = _SUFFIX.sub("", label_key(text.strip("【】■●◆ 　")))
        for name, titles in procedures.items():
            if key and any(key == label_key(title) for title in (name, *titles)):
                found[name] = None
    return tuple(found)
