"""Decisions in a reply to the daily digest: one line for each application."""

import re

from mailbot.forms.decision import REVIEWER_WORDS, Decision, without_closing
from mailbot.forms.keyword_lines import keyword_in
from mailbot.text import has_invisible, nfkc

_LINE = re.compile(r"^[\[【(]?(\d{7}[A-Ca-c])[\]】)]?\s*[:：、,]?\s*(\S{1,20})(?:[\s:：、,]+(.*))?$")


def decisions_by_line(own_words: str) -> list[tuple[str, Decision]]:
    """`2600012A 承認` on a line: (receipt number, decision) for each, the lines below being its 通知内容.

    A keyword may be followed by its words on the same line: `2600013C 確認依頼 理由をお知らせください`.  A line whose
    number has no keyword behind it ends the words above, and decides nothing.
    """
    found: list[tuple[str, Decision]] = []
    open_one = False
    for line in own_words.split("\n"):
        match = _LINE.match(nfkc(line).strip())
        if match is None:
            if open_one and line.strip():
                receipt, before = found[-1]
                found[-1] = (receipt, Decision(before.kind, f"{before.words}\n{line.strip()}".strip(), before.read))
            continue
        kind = None if has_invisible(line) else REVIEWER_WORDS.get(keyword_in(match[2]))
        open_one = kind is not None
        if kind is not None:
            found.append((match[1].upper(), Decision(kind, (match[3] or "").strip(), line.strip())))
    return [(receipt, Decision(d.kind, without_closing(d.words.split("\n")), d.read)) for receipt, d in found]
