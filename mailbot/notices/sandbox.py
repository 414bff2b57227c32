"""The environment in which an operator's own templates run: such a file can be wrong, or come from somebody else.

A template gets values and prints words.  It reaches no internals of Python (Jinja's sandbox), and its loops end:
together they have at most MOST_TURNS, a repeated text has MOST_REPEATED characters, and what pads to any width is not
there.  A macro that calls itself without an end, or a text that is joined to itself again and again, is not bounded.
"""

from collections.abc import Iterable, Iterator
from contextvars import ContextVar
from typing import Any

from jinja2 import nodes
from jinja2.exceptions import SecurityError
from jinja2.sandbox import SandboxedEnvironment

MOST_TURNS = 200_000  # of all loops of one rendering; the longest notice needs some thousands
MOST_REPEATED = 100_000  # characters or items
_COUNTED = "counted_turns"  # the filter around what a loop goes through
_PADDING_FILTERS = ("batch", "center", "format", "indent", "slice")
_PADDING_METHODS = frozenset({"center", "expandtabs", "format", "format_map", "ljust", "rjust", "zfill"})
_turns: ContextVar[int] = ContextVar("turns")


class TemplateSandbox(SandboxedEnvironment):
    """Raises jinja2.sandbox.SecurityError for what a template must not do."""

    intercepted_binops = frozenset({"*", "**", "%"})

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.filters[_COUNTED] = _counted
        for name in _PADDING_FILTERS:
            del self.filters[name]
        del self.globals["lipsum"]

    def wrap_str_format(self, value: Any) -> None:
        """None: a text has no `format` here, not even Jinja's own, which pads to any width."""

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        is_padding = isinstance(obj, str) and attr in _PADDING_METHODS
        return not is_padding and super().is_safe_attribute(obj, attr, value)

    def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
        """Arithmetic of numbers; a text or list is repeated within bounds, and formatted by no template."""
        if operator == "*":
            size, times = (left, right) if isinstance(right, int) else (right, left)
            if not isinstance(size, int | float) and len(size) * times > MOST_REPEATED:
                raise SecurityError("a template repeats a text too often")
        elif not isinstance(left, int | float) or (operator == "**" and abs(right) > 64):
            raise SecurityError(f"a template uses {operator} with {type(left).__name__}")
        return super().call_binop(context, operator, left, right)

    def _generate(self, source: nodes.Template, *args: Any, **options: Any) -> str:
        for loop in list(source.find_all(nodes.For)):
            loop.iter = nodes.Filter(loop.iter, _COUNTED, [], [], None, None, lineno=loop.lineno)
        source.set_environment(self)
        return super()._generate(source, *args, **options)


def begin_rendering() -> None:
    """A new budget of turns for what the caller renders next."""
    _turns.set(0)


def _counted(items: Iterable[Any]) -> Iterator[Any]:
    for item in items:
        turns = _turns.get(0) + 1
        if turns > MOST_TURNS:
            raise SecurityError(f"the loops of a template have more than {MOST_TURNS} turns")
        _turns.set(turns)
        yield item
