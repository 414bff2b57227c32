"""Arguments and options of several commands, and their values: the number of a mail, an instant, a reason, a limit."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import click

from mailbot.clock import TOKYO, SystemClock, tokyo_midnight
from mailbot.errors import UsageError
from mailbot.model.queued_mail import Disposition
from mailbot.model.reasons import REASONS
from mailbot.text import did_you_mean, fold_code

Command = Callable[..., Any]

_SPAN = re.compile(r"(\d{1,4})([dh])")
_HOW = "expected a day (2026-11-20), a time (2026-11-20T10:00), or how long ago (30d, 12h)"


class Instant(click.ParamType[datetime]):
    """A day or a time in Asia/Tokyo, or a span of days or hours before now.  `end`: a day means its end."""

    name = "time"

    def __init__(self, *, end: bool = False) -> None:
        self._end = end

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        if isinstance(value, datetime):
            return value
        if (span := _SPAN.fullmatch(value)) is not None:
            count = int(span[1])
            return SystemClock().now() - (timedelta(days=count) if span[2] == "d" else timedelta(hours=count))
        try:
            if re.fullmatch(r"\d{4}-\d\d-\d\d", value):
                return tokyo_midnight(date.fromisoformat(value) + timedelta(days=self._end))
            instant = datetime.fromisoformat(value)
        except (ValueError, OverflowError):
            self.fail(f"{value!r}: {_HOW}", param, ctx)
        return instant if instant.tzinfo is not None else instant.replace(tzinfo=TOKYO)


class ItemNumber(click.ParamType[int]):
    """The number of an item, which may stand after its sign: 7 or #7 for a mail, 12 or n12 for a notice."""

    name = "number"

    def __init__(self, sign: str, expected: str) -> None:
        self._pattern = re.compile(rf"{sign}?(\d{{1,9}})")
        self._expected = expected

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        if isinstance(value, int):
            return value
        if (found := self._pattern.fullmatch(value)) is None:
            self.fail(f"{value!r}: expected {self._expected}", param, ctx)
        return int(found[1])


MAIL_NUMBER = ItemNumber("#", "the number of a mail, such as 7")
NOTICE_NUMBER = ItemNumber("n", "the number of a notice, such as n12")


class Code(click.ParamType[str]):
    """A 事業所コード or 申込受付番号, in any width or case."""

    name = "code"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        del param, ctx
        return fold_code(str(value))


def no_office(code: str, nowhere: str = "in the register") -> UsageError:
    """The error for an office that is not there, with the nearest one; in a transaction of the store."""
    from mailbot.records.register.offices import office_codes

    near = did_you_mean(code, office_codes())
    return UsageError(f"no office {code} {nowhere}{near}; `mailbot register export FILE` shows the codes")


class ReasonCode(click.ParamType[str]):
    """A reason code of the mail log (docs/reference/reasons.md): of the dispositions given, or one of `others`."""

    name = "code"

    def __init__(self, *dispositions: Disposition, others: Sequence[str] = ()) -> None:
        self._known = [*(code for code, one in REASONS.items() if one.disposition in dispositions), *others]

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        if value not in self._known:
            near = did_you_mean(value, self._known)
            self.fail(f"{value!r} is none of the reason codes{near}: {', '.join(self._known)}", param, ctx)
        return str(value)


@dataclass(frozen=True)
class LogNumber:
    """What a command of the log is asked about: `kind` is mail, notice or row."""

    kind: str
    number: int


class LogNumberType(click.ParamType[LogNumber]):
    """7 or #7 for a mail, n12 for a notice, r34 for a row of the mail log."""

    name = "number"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> LogNumber:
        if isinstance(value, LogNumber):
            return value
        if (found := re.fullmatch(r"([#nr]?)(\d{1,9})", value)) is None:
            self.fail(f"{value!r}: expected 7 for a mail, n12 for a notice, r34 for a row of the log", param, ctx)
        return LogNumber({"n": "notice", "r": "row"}.get(found[1], "mail"), int(found[2]))


limit_option = click.option("--limit", default=50, show_default=True, type=click.IntRange(1, 100_000))


def add_options(*options: Callable[[Command], Command]) -> Callable[[Command], Command]:
    """A decorator that adds `options` to a command; its help shows them in this order."""

    def decorate(command: Command) -> Command:
        for option in reversed(options):
            command = option(command)
        return command

    return decorate
