"""Tables of cases that cost less than the report of a test does."""

import inspect
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any

import pytest

Test = Callable[..., Any]


def each_row(names: str, rows: Collection[Any]) -> Callable[[Test], Test]:
    """Like `pytest.mark.parametrize`, but one test for all rows, which share its fixtures.

    Every row is tried; the failures are raised together, each with its row in a note.
    """
    columns = [name.strip() for name in names.split(",")]
    assert rows

    def decorate(test: Test) -> Test:
        signature = inspect.signature(test)
        fixtures = [one for name, one in signature.parameters.items() if name not in columns]
        given = [dict(zip(columns, row if len(columns) > 1 else (row,), strict=True)) for row in rows]

        @wraps(test)
        def run(**values: Any) -> None:
            with _failures() as collect:
                for row in given:
                    with collect(row):
                        test(**values, **row)

        @wraps(test)
        async def run_async(**values: Any) -> None:
            with _failures() as collect:
                for row in given:
                    with collect(row):
                        await test(**values, **row)

        made = run_async if inspect.iscoroutinefunction(test) else run
        made.__signature__ = signature.replace(parameters=fixtures)  # type: ignore[attr-defined]
        del made.__wrapped__  # type: ignore[attr-defined]
        return made

    return decorate


@contextmanager
def _failures() -> Iterator[Callable[[object], Any]]:
    """Collects failures, and raises them at the end."""
    failed: list[BaseException] = []

    @contextmanager
    def collect(row: object) -> Iterator[None]:
        try:
            yield
        except (Exception, pytest.fail.Exception) as error:
            error.add_note(f"in the row {row!r}")
            failed.append(error)

    yield collect
    if failed:
        raise BaseExceptionGroup(f"{len(failed)} rows", failed)
