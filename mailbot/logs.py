"""Sets up logging for operators: structlog on stderr, as text or JSON.  No mail content, no secrets.

Values that strangers have written contain no control characters: they could change what a terminal shows, or look like
lines of their own (T-86, CWE-117).
"""

import logging
import sys
from collections.abc import MutableMapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

from mailbot.masking import mask_tokens
from mailbot.text import json_safe, printable

if TYPE_CHECKING:
    from structlog.typing import Processor

_SAME_SECONDS = 60.0
_MANY_LINES = ("exception", "stack")  # tracebacks: their lines are indented


class _Logger:
    """A logger of structlog that is made for its first line: structlog loads asyncio and rich, which take longer than
    most commands, and few of them log a line."""

    def __init__(self, name: str) -> None:
        self._name = name

    @cached_property
    def _logger(self) -> Any:
        import structlog

        return structlog.get_logger(self._name)

    def __getattr__(self, method: str) -> Any:
        return getattr(self._logger, method)


def get_logger(name: str) -> Any:
    """The logger called `name`, with the interface of `structlog.get_logger`."""
    return _Logger(name)


def visible_values(logger: Any, method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """A structlog processor: every control or invisible character in a text becomes a visible escape."""
    del logger, method
    for name, value in event.items():
        if isinstance(value, str):
            shown = printable(value)
            event[name] = shown.replace("\n", "\n    " if name in _MANY_LINES else "\\n").replace("\t", "\\t")
        elif not isinstance(value, (int, float, bool, type(None))):
            event[name] = printable(repr(value))
    return event


def visible_json(logger: Any, method: str, event: MutableMapping[str, Any]) -> str:
    """A structlog processor that renders JSON with every control and invisible character escaped."""
    import structlog

    return json_safe(str(structlog.processors.JSONRenderer(ensure_ascii=False)(logger, method, event)))


def masked(logger: Any, method: str, line: Any) -> str:
    """The last structlog processor, for lines of text: the secrets of reply tokens and log-in links are masked."""
    del logger, method
    return mask_tokens(line)


class NotRepeated(logging.Filter):
    """Drops a record with the text of an earlier one of the same logger less than a minute ago.

    asyncio logs one for each octet that is written to a connection that is gone.
    """

    def __init__(self) -> None:
        super().__init__()
        self._last: dict[str, float] = {}  # text → when, in seconds

    def filter(self, record: logging.LogRecord) -> bool:
        text = str(record.msg)
        if record.created - self._last.get(text, -_SAME_SECONDS) < _SAME_SECONDS:
            return False
        self._last = {key: at for key, at in self._last.items() if record.created - at < _SAME_SECONDS}
        self._last[text] = record.created
        return True


def set_up_logging(level: str = "info", style: str = "text") -> None:
    """Send the program's and its libraries' log lines to stderr.  `style`: text | json."""
    import structlog

    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
    ]
    last: list[Processor]
    if style == "json":
        last = [visible_json]
    else:
        last = [visible_values, structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler()
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last, masked],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    # At DEBUG and INFO aiosmtpd logs every command and the content of the mail.
    logging.getLogger("mail.log").setLevel(logging.WARNING)
    asyncio_log = logging.getLogger("asyncio")
    asyncio_log.setLevel(logging.WARNING)
    asyncio_log.filters[:] = [NotRepeated()]
