"""What the keywords, commands and forms of a mail say about its lines: the last steps of the reading."""

from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import replace

from mailbot.desk.incoming.form import NO_LINE, NO_ROWS, RequestForm
from mailbot.forms.command import Command
from mailbot.forms.confirmation import is_answer
from mailbot.forms.daily_list_lines import ListLine
from mailbot.forms.decision import Decision, closes_mail
from mailbot.forms.keyword_lines import NoKeyword
from mailbot.lines import without_quote_marks
from mailbot.mail.quoting import OwnWords, Rows
from mailbot.model.read_line import LineKind, LineSource, Mark, ReadLine, with_marks
from mailbot.text import without_blanks

_IN_DOUBT = frozenset({NoKeyword.SEVERAL, NoKeyword.UNCLEAR, NoKeyword.IN_DOUBT, NoKeyword.MEANT})


def rest_of(own: OwnWords, command: Command) -> Rows:
    """The own lines without those of a command."""
    lines = command.rest.split("\n")
    rows = own.rows or NO_ROWS
    return tuple(
        (rows[at][0] if at != NO_LINE else NO_LINE, line) for at, line in zip(command.rest_at, lines, strict=False)
    )


def with_answer(own: OwnWords) -> OwnWords:
    """`own` with the lines that answer a challenge."""
    marks = (
        (at, Mark(i, LineKind.KEYWORD, LineSource.LINE)) for i, (at, line) in enumerate(own.rows) if is_answer(line)
    )
    return _with(own, marks)


def with_decision(own: OwnWords, decision: Decision) -> OwnWords:
    """`own` with the lines of a reviewer's keyword, and those that are its 通知内容."""
    return _with(own, _marks_of_decision(own, decision))


def with_list_lines(own: OwnWords, lines: Sequence[ListLine]) -> OwnWords:
    """`own` with the lines that act on items of the daily list, or are asked about."""
    found = {line.read: line for line in lines}
    marks = []
    for i, (at, text) in enumerate(own.rows):
        line = found.get(text.strip())
        if line is not None and line.action is not None:
            marks.append((at, Mark(i, LineKind.KEYWORD, LineSource.LINE, line.action.value)))
        elif line is not None:
            kind = LineKind.UNCLEAR if line.unclear is not None else LineKind.COURTESY
            marks.append((at, Mark(i, kind, name=line.unclear or "")))
    return _with(own, marks)


def with_forms(own: OwnWords, forms: Sequence[RequestForm], command: Command) -> OwnWords:
    """`own` with the lines of an applicant's command, and what each other line is to the form."""
    marks = [one for form in forms for one in form.marks]
    marked = _with(own, [*marks, *_marks_of_command(own, command)])
    changed = frozenset(own.inline)
    if not changed:
        return marked
    lines = (line._replace(source=LineSource.CHANGED) if _is_changed(line, changed) else line for line in marked.lines)
    return replace(marked, lines=tuple(lines))


def _is_changed(line: ReadLine, changed: Set[str]) -> bool:
    return line.kind is LineKind.QUOTE and without_quote_marks(line.text).strip() in changed


def _marks_of_decision(own: OwnWords, decision: Decision) -> Iterator[tuple[int, Mark]]:
    source = _source(decision.kind)
    name = decision.meant or decision.kind
    first = min(decision.at, default=-1)
    if not decision.at:
        yield from _sentence(own, decision.read, LineKind.KEYWORD, name)
    for i, (at, line) in enumerate(own.rows):
        if i in decision.at:
            yield at, Mark(i, LineKind.KEYWORD, source, name)
        elif line.strip() and closes_mail(line):
            yield at, Mark(i, LineKind.COURTESY)
        elif line.strip() and decision.words and 0 <= first < i:
            yield at, Mark(i, LineKind.WORDS, LineSource.NOTICE_WORDS)


def _marks_of_command(own: OwnWords, command: Command) -> Iterator[tuple[int, Mark]]:
    name = command.meant or command.kind
    if not command.at and not command.from_subject:
        yield from _sentence(own, command.line, LineKind.COMMAND, name)
    for i in command.at:
        yield own.rows[i][0], Mark(i, LineKind.COMMAND, _source(command.kind), name)


def _sentence(own: OwnWords, sentence: str, kind: LineKind, name: str) -> Iterator[tuple[int, Mark]]:
    """The lines on which a sentence stands."""
    flat = without_blanks(sentence)
    for i, (at, line) in enumerate(own.rows):
        bare = without_blanks(line)
        if flat and bare and (bare in flat or flat in bare):
            yield at, Mark(i, kind, LineSource.SENTENCE, name)


def _source(kind: str) -> LineSource:
    return LineSource.IN_DOUBT if kind in _IN_DOUBT else LineSource.LINE


def _with(own: OwnWords, marks: Iterable[tuple[int, Mark]]) -> OwnWords:
    """`own` with these marks; the other rows of a table are what its first row is."""
    lines = list(with_marks(own.lines, marks))
    for i, line in enumerate(lines):
        if line.read_as == () and i:
            lines[i] = line._replace(kind=lines[i - 1].kind, name=lines[i - 1].name)
    return replace(own, lines=tuple(lines))
