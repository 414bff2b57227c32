"""The lines of a reply to the operators' daily list: `#21 破棄`, `n12、n13 再送`, `release #7`."""

import re
from dataclasses import dataclass, replace

from mailbot.forms.decision import closes_mail
from mailbot.forms.inquiry_words import is_courtesy
from mailbot.forms.keyword_lines import hides_something
from mailbot.forms.sentences import is_hesitant
from mailbot.lines import without_bullet
from mailbot.model.daily_list import APPLIES_TO, Action, ItemKind, ListItem, Unclear
from mailbot.model.receipt import RECEIPT
from mailbot.text import fold_word, nfkc, without_edge_marks

MOST_LINES = 200  # of one reply that are read
LONGEST_LINE = 300  # characters; a longer one is a text for a person
_PREFIX = r"#|[nN](?![oO])|(?:[nN][oO]\.?|受信番号|通知番号)[:：]?"
_DIGITS = r"\s*([0-9]{1,9})(?:番|号)?(?![0-9A-Za-z])"
_NUMBER = rf"(?<![0-9A-Za-z])({_PREFIX})?{_DIGITS}"
_ONE = re.compile(_NUMBER)
_SEVERAL = rf"(?:[\[【](?:{_PREFIX}){_DIGITS}[\]】]|{_NUMBER})"  # in brackets with its prefix: (1) is a bullet
_NUMBERS = rf"{_SEVERAL}(?:\s*(?:[、,/・&と]|及び|および|\band\b|\s)\s*{_SEVERAL})*"
_NUMBERS_FIRST = re.compile(rf"^(?P<numbers>{_NUMBERS})\s*[:：、,→は=を-]*\s*(?P<rest>\S.*)$", re.I)
_ACTION_FIRST = re.compile(rf"^(?P<rest>\D*?[^\s\d#:：、,])\s*[:：、,]?\s+(?P<numbers>{_NUMBERS})$", re.I)
_RECEIPT = re.compile(rf"(?<![0-9A-Za-z]){RECEIPT}(?![0-9A-Za-z])")
_OFFICE = re.compile(r"[A-Z0-9]{4,10}")
_PLEASE = (
    r"(?:を|で)?(?:する|します|いたします|致します|して(?:ください|下さい|くださいませ)"
    r"|(?:を|で)?(?:お願い(?:します|いたします|致します|申し上げます)?|願います))?|please"
)
_WORDS = {
    Action.REGISTER: rf"(?:申込担当者(?:として|に))?登録(?:(?:して|し|と|、|・|及び)?(?:処理|受付|受け付け))?"
    rf"(?:{_PLEASE})|register(?:(?:and|&|,)?(?:release|process|handle)(?:it)?)?(?:please)?",
    Action.RELEASE: rf"(?:処理|受付|受け付け)(?:{_PLEASE})|(?:release|process|handle)(?:it)?(?:please)?",
    Action.DISCARD: rf"(?:破棄|廃棄|削除)(?:{_PLEASE})|(?:discard|delete)(?:it)?(?:please)?",
    Action.RESEND: rf"(?:再送信?|再配信|もう一度送信?)(?:{_PLEASE})|(?:resend|retry|sendagain)(?:it)?(?:please)?",
    Action.CLOSE: r"(?:対応)?済み?(?:です)?|完了(?:です|しました)?|(?:done|closed?)(?:it)?(?:please)?",
    Action.SEND: rf"送付(?:{_PLEASE})|send(?:it)?(?:tome)?(?:please)?",
}
_ACTIONS = {action: re.compile(words) for action, words in _WORDS.items()}
_THANKS = "ありがとうございます"  # with it a mere greeting is a courtesy as well
_EDGES = "「」『』【】()\"'。．.!！、, "


@dataclass(frozen=True)
class ListLine:
    """One line of the reply.  Either `action` with its `items`, or `unclear`; neither for a courtesy.

    `words`: why something is discarded; `office`: a code that stands behind the action, upper case.
    """

    read: str
    items: tuple[ListItem, ...] = ()
    action: Action | None = None
    words: str = ""
    office: str = ""
    unclear: Unclear | None = None

    def asked(self, unclear: Unclear) -> "ListLine":
        """The same line, asked about."""
        return replace(self, action=None, unclear=unclear)


def list_lines(
    certain: str, in_doubt: str, listed: tuple[ListItem, ...], html: str | None = None
) -> tuple[ListLine, ...]:
    """Every line of a reply that is not blank, in order.

    `certain`: the own words above the first line that may begin a quote; `in_doubt`: those below it; `listed`: the
    items that may be named; `html`: the own words as the HTML part has them, None without one.  Nothing is done by a
    line below which, or beside which, words say that nothing is decided yet.
    """
    lines = [_line(line, listed) for line in _not_blank(certain)]
    if html is not None and _meanings([_line(line, listed) for line in _not_blank(html)]) != _meanings(lines):
        lines = [line.asked(Unclear.HIDDEN) if line.action else line for line in lines]
    lines += [replace(_line(line, listed), action=None, unclear=Unclear.IN_DOUBT) for line in _not_blank(in_doubt)]
    if any(line.unclear is Unclear.NO_NUMBER and is_hesitant(line.read) for line in lines):
        lines = [line.asked(Unclear.IN_DOUBT) if line.action else line for line in lines]
    return _without_contradictions(lines[:MOST_LINES])


def _not_blank(text: str) -> list[str]:
    return [line.strip() for line in text.split("\n") if line.strip()]


def _meanings(lines: list[ListLine]) -> set[tuple[object, ...]]:
    return {(line.action, line.items, line.office) for line in lines if line.action}


def _line(line: str, listed: tuple[ListItem, ...]) -> ListLine:
    read = ListLine(line)
    flat = nfkc(without_edge_marks(line)).strip() if len(line) <= LONGEST_LINE else ""
    found = [_with_numbers(read, *_parts(text), listed) for text in (flat, without_bullet(flat)) if _parts(text)[0]]
    if found:
        return next((one for one in found if one.action is not None), found[0])
    if hides_something(line):
        return read.asked(Unclear.HIDDEN)
    if _RECEIPT.search(flat):
        return read.asked(Unclear.REVIEW)
    if closes_mail(line) or is_courtesy(f"{line}\n{_THANKS}"):
        return read
    return read.asked(Unclear.NO_ACTION if _ONE.search(flat) else Unclear.NO_NUMBER)


def _parts(text: str) -> tuple[str, str]:
    """(the numbers, the words behind or before them); ("", "") when the line is not of that form."""
    match = _NUMBERS_FIRST.match(text) or _ACTION_FIRST.match(text)
    return (match["numbers"], match["rest"]) if match is not None else ("", "")


def _with_numbers(read: ListLine, numbers: str, rest: str, listed: tuple[ListItem, ...]) -> ListLine:
    if hides_something(read.read):
        return read.asked(Unclear.HIDDEN)
    read = _with_action(read, rest)
    found = [_item(prefix.lower(), int(number), read.action, listed) for prefix, number in _ONE.findall(numbers)]
    read = replace(read, items=tuple(dict.fromkeys(one for one in found if isinstance(one, ListItem))))
    problems = [one for one in found if isinstance(one, Unclear)]
    if read.action is None:
        return read.asked(Unclear.NO_ACTION)
    return read.asked(problems[0]) if problems else read


def _with_action(read: ListLine, rest: str) -> ListLine:
    """The action that `rest` is, with a reason behind 破棄, or the 事業所コード behind 登録."""
    action = _action(rest)
    if action is not None:
        return replace(read, action=action)
    word, _, behind = rest.replace("：", " ").replace(":", " ").replace("、", " ").replace("(", " ").partition(" ")
    behind = behind.strip(_EDGES)
    action = _action(word)
    if action is Action.DISCARD and not is_hesitant(behind) and _action(behind) is None:
        return replace(read, action=action, words=behind)
    code = re.sub(r"^(?:for|at|事業所コード|事業所)\s*", "", behind, flags=re.I).upper()
    if action is Action.REGISTER and _OFFICE.fullmatch(code):
        return replace(read, action=action, office=code)
    return read


def _action(words: str) -> Action | None:
    if "?" in words or "？" in words:
        return None
    flat = fold_word(words).strip(_EDGES)
    return next((action for action, pattern in _ACTIONS.items() if pattern.fullmatch(flat)), None)


def _item(prefix: str, number: int, action: Action | None, listed: tuple[ListItem, ...]) -> ListItem | Unclear:
    """The listed item that is meant: `n` is a notice where one has that number, `#` never; else the action tells."""
    found = [one for one in listed if one.number == number]
    notices = [one for one in found if one.kind is ItemKind.NOTICE]
    if prefix == "#" or prefix.startswith("受"):
        found = [one for one in found if one.kind is not ItemKind.NOTICE]
    elif prefix.startswith("通") or (prefix == "n" and notices and action is not Action.REGISTER):
        found = notices  # N12 登録して処理 can only mean a mail
    if not found:
        return Unclear.NOT_LISTED
    fitting = [one for one in found if action is not None and one.kind in APPLIES_TO[action]]
    if len(fitting) == 1:
        return fitting[0]
    return Unclear.NOT_FOR_THIS if not fitting else Unclear.WHICH


def _without_contradictions(lines: list[ListLine]) -> tuple[ListLine, ...]:
    """Lines that want different things of one item are all asked about."""
    wanted: dict[ListItem, set[Action]] = {}
    for line in lines:
        for item in line.items if line.action else ():
            wanted.setdefault(item, set()).add(line.action)  # type: ignore[arg-type]
    several = {item for item, actions in wanted.items() if len(actions) > 1}
    return tuple(
        line.asked(Unclear.CONTRADICTION) if line.action and several & set(line.items) else line for line in lines
    )
