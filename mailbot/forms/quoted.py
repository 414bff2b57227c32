"""The form inside a quoted notice of ours: what a person filled in without copying it out of the quote."""

from mailbot.forms.procedures import LONGEST_LABEL, is_procedure_label
from mailbot.lines import is_notice_rule, label_and_value


def form_in(quoted: str) -> str:
    """The lines from the last 手続 line, with which our forms begin, to the rule above the footer of the notice.

    `quoted`: without quote marks.  "" when there is no 手続 line.
    """
    lines = quoted.split("\n")
    starts = [i for i, line in enumerate(lines) if _names_procedure(line)]
    if not starts:
        return ""
    rest = lines[starts[-1] :]
    end = next((i for i, line in enumerate(rest) if is_notice_rule(line)), len(rest))
    return "\n".join(rest[:end])


def _names_procedure(line: str) -> bool:
    found = label_and_value(line, longest=LONGEST_LABEL)
    return found is not None and is_procedure_label(found.label)
