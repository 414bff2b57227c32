"""The form inside a quoted notice of ours: what a person filled in where it stood."""

import re

from mailbot.forms.field_names import match_label
from mailbot.model.common_fields import HEAD_FIELDS

_PROCEDURE = [field for field in HEAD_FIELDS if field.name == "procedure"]
_LABEL = re.compile(r"^([^：:]{1,20})[：:]")
_RULE = re.compile(r"^[\s　]*[─━―=_-]{5,}[\s　]*$")


def form_in(quoted: str) -> str:
    """From the last 手続 line (our notices begin their forms with it) to the rule above the foot; "" when none."""
    lines = quoted.split("\n")
    starts = [i for i, line in enumerate(lines) if (m := _LABEL.match(line)) and match_label(m[1], _PROCEDURE).field]
    if not starts:
        return ""
    rest = lines[starts[-1] :]
    end = next((i for i, line in enumerate(rest) if _RULE.match(line)), len(rest))
    return "\n".join(rest[:end])
