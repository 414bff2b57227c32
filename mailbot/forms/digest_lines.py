"""Decisions in a reply to the daily digest: one line for each application, each answered by its receipt number."""

import re
from collections.abc import Iterable

from mailbot.forms.decision import REVIEWER_WORDS, Decision, is_qualified, without_closing
from mailbot.forms.keyword_lines import NoKeyword
from mailbot.forms.sentences import REVIEWER_MEANINGS, decision_meant
from mailbot.lines import Mark, mark_before, without_bullet
from mailbot.model.keyword_words import keyword_in
from mailbot.model.lifecycle import Event
from mailbot.model.receipt import RECEIPT
from mailbot.model.reviewer_keywords import ReviewerKeyword
from mailbot.text import has_invisible, nfkc

_NUMBER = rf"(?<![0-9A-Za-z])({RECEIPT})(?![0-9A-Za-z])"
_LEGAL_FORM = re.compile(
    r"\s+|(?:株式|有限|合同|合資)会社|\((?:株|有|同)\)|[,.]|\b(?:co|ltd|inc|corp|company|limited)\b\.?", re.I
)
_ANY_NUMBER = re.compile(_NUMBER)
_WRAPPED = rf"[\[【(]?{_NUMBER}[\]】)]?(?:番|号)?"
_LINE = re.compile(rf"^{_WRAPPED}(?:\s*(?:[、,/・&と]|及び|および|\s)\s*{_WRAPPED})*\s*[:：、,→⇒➡⇨►▶>は=-]*\s*(\S.*)?$")
_WORD = re.compile(r"^([^\s:：、,。()（）\[【]{1,20})(?:[\s:：、,。]+(.*)|([(（\[【].*))?$", re.S)


def decisions_by_line(own_words: str) -> list[tuple[str, Decision]]:
    """`2600012A 承認` on a line: (receipt number, decision) for each number, the lines below being its 通知内容.

    A keyword may be followed by its words on the same line: `2600013C 確認依頼 理由をお知らせください`, and several
    numbers may stand before it.  A line with a number and without a keyword decides nothing, is answered, and ends the
    words above: no line with another number is ever 通知内容.
    """
    found: list[tuple[str, Decision]] = []
    open_ones: list[int] = []  # indices of the decisions to which the next lines belong
    for line in own_words.split("\n"):
        numbers = list(dict.fromkeys(number.upper() for number in _ANY_NUMBER.findall(nfkc(line))))
        if not numbers:
            for index in open_ones if line.strip() else ():
                receipt, before = found[index]
                found[index] = (receipt, _with_words(before, f"{before.words}\n{line.strip()}".strip()))
            continue
        decision = _decision(line)
        open_ones = []
        for number in numbers:
            if decision.event is not None and len(numbers) == 1:
                open_ones.append(len(found))
            found.append((number, decision))
    decided = [(receipt, _with_words(d, without_closing(d.words.split("\n")))) for receipt, d in found]
    return _without_contradictions([(receipt, _certain(decision)) for receipt, decision in decided])


def _certain(decision: Decision) -> Decision:
    """`decision`; or that an approval is only meant, when the words beside or below it ask or name a condition."""
    if decision.event is not Event.APPROVE or not is_qualified(decision.words.split("\n")):
        return decision
    return Decision(NoKeyword.MEANT, "", decision.read, ReviewerKeyword.APPROVE)


def _decision(line: str) -> Decision:
    flat = nfkc(line).strip()
    match = _LINE.match(without_bullet(flat)) or _LINE.match(flat)
    rest = (match[match.lastindex] if match and match.lastindex else "") or ""
    # A second number behind the keyword has a decision of its own, and an empty box is not chosen.
    if _ANY_NUMBER.search(rest) or _has_empty_box(flat):
        return Decision(NoKeyword.NONE, "", line.strip())
    word = _WORD.match(rest.strip()) if match else None
    if word is not None and not has_invisible(line):
        kind = REVIEWER_WORDS.get(keyword_in(word[1]))
        if kind is not None:
            return Decision(kind, (word[2] or word[3] or "").strip().strip("()（）").strip(), line.strip())
    meaning = decision_meant(_ANY_NUMBER.sub(" ", flat), REVIEWER_MEANINGS)
    return Decision(NoKeyword.MEANT if meaning else NoKeyword.NONE, "", line.strip(), meaning.name if meaning else None)


def _has_empty_box(line: str) -> bool:
    found = mark_before(line)
    return found is not None and found[0] is Mark.EMPTY


def names_company(words: str, companies: Iterable[str]) -> bool:
    """Whether `words` have the name of one of `companies`, with its legal form or without."""
    flat = _LEGAL_FORM.sub("", nfkc(words).casefold())
    names = (_LEGAL_FORM.sub("", nfkc(company).casefold()) for company in companies)
    return any(len(name) > 1 and name in flat for name in names)


def _without_contradictions(decided: list[tuple[str, Decision]]) -> list[tuple[str, Decision]]:
    """A number that has two different decisions has none, and one that is repeated counts once."""
    result: dict[str, Decision] = {}
    for receipt, decision in decided:
        before = result.get(receipt)
        if before is None or (before.event is None and before.kind == decision.kind):
            result[receipt] = decision
        elif before.kind != decision.kind:
            result[receipt] = Decision(NoKeyword.SEVERAL, "", f"{before.read}\n{decision.read}")
    return list(result.items())


def _with_words(decision: Decision, words: str) -> Decision:
    return Decision(decision.kind, words, decision.read, decision.meant)
