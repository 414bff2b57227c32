"""What the operators are told."""

from collections.abc import Mapping, Sequence

from mailbot.desk import addressees
from mailbot.desk.outcome import Owed, owed_to
from mailbot.desk.tools import Tools
from mailbot.model.notice import Addressee, NoticeKind
from mailbot.notices.write import Case


def alert(
    topic: str,
    tools: Tools,
    *,
    case: Case | None = None,
    params: Mapping[str, object] | None = None,
    to: Sequence[Addressee] | None = None,
) -> tuple[Owed, ...]:
    """`topic` (a template under `answers/`) to every operator, or to those of them in `to`."""
    return owed_to(
        NoticeKind.ALERT,
        addressees.operators(tools) if to is None else to,
        None,
        lambda reader, _reply_to: tools.writer.answer(topic, reader, case=case, params=params),
    )
