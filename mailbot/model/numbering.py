"""Allocation of numbers at an approval: 識別番号 and メールボックスID, none of which is used twice.

The last character of a 識別番号 shows its service (S2): a letter is netNACCS, a digit 一般NACCS.  The order is A2A,
A2B, …; I and O are left out, because they are misread as 1 and 0, and numbers with 0 or 1 are used after all others.
A メールボックスID has no choice: its two digits are counted (S4).
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from functools import cache
from itertools import product

from mailbot.model.contract import Service, service_of_method
from mailbot.model.effects import AddMailbox, AddUserId, Effect

_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ"
_CLEAR_DIGITS, _MISREAD_DIGITS = "23456789", "01"
_DIGITS = _CLEAR_DIGITS + _MISREAD_DIGITS
LAST_MAILBOX = 99  # two digits (S4: NAC00101, next NAC00102)


class NoNumbersLeft(ValueError):
    """All numbers under `scope` have been used: a 利用者コード, or a 事業所コード for mailboxes."""

    def __init__(self, scope: str) -> None:
        super().__init__(f"no numbers are left under {scope}")
        self.scope = scope


@cache
def numbers(service: Service) -> tuple[str, ...]:
    """Every 識別番号 of a service, in the order of allocation."""
    last = _LETTERS if service is Service.NET else _DIGITS
    every = [number for middle in (_DIGITS, _LETTERS) for number in map("".join, product(_LETTERS, middle, last))]
    return tuple(sorted(every, key=lambda number: any(digit in number for digit in _MISREAD_DIGITS)))


def next_numbers(used: Collection[str], service: Service, count: int, code: str) -> list[str]:
    """The next `count` 識別番号 never used under the code.  Raises NoNumbersLeft."""
    found: list[str] = []
    for number in numbers(service):
        if len(found) == count:
            break
        if number not in used:
            found.append(number)
    if len(found) < count:
        raise NoNumbersLeft(code)
    return found


def mailboxes_left(used: Collection[str]) -> int:
    """How many メールボックスID are left for an office.  `used`: its two-digit sequences."""
    return LAST_MAILBOX - _highest(used)


def _highest(used: Collection[str]) -> int:
    return max((int(n) for n in used if n.isascii() and n.isdigit()), default=0)


def allocate(effects: Sequence[Effect], used: Mapping[str, Collection[str]], office: str) -> list[Effect]:
    """`effects` with a number for everything they add, in order.

    `used`: 利用者コード → its 識別番号 ever used; 事業所コード → its mailbox sequences ever used.
    Raises NoNumbersLeft.
    """
    used_by_scope: dict[str, set[str]] = {scope: set(known) for scope, known in used.items()}
    numbered: list[Effect] = []
    for effect in effects:
        match effect:
            case AddUserId(code, method, ""):
                known = used_by_scope.setdefault(code, set())
                number = next_numbers(known, service_of_method(method), 1, code)[0]
                known.add(number)
                numbered.append(replace(effect, number=number))
            case AddMailbox(_, ""):
                sequences = used_by_scope.setdefault(office, set())
                if not mailboxes_left(sequences):
                    raise NoNumbersLeft(office)
                sequence = f"{_highest(sequences) + 1:02d}"
                sequences.add(sequence)
                numbered.append(replace(effect, id=office + sequence))
            case _:
                numbered.append(effect)
    return numbered


def used_number(effect: Effect, office: str) -> tuple[str, str] | None:
    """(scope, number) that an addition uses, None for other effects.  The scope is that of NoNumbersLeft."""
    match effect:
        case AddUserId(code, _, number):
            return code, number
        case AddMailbox(_, mailbox_id):
            return office, mailbox_id.removeprefix(office)
        case _:
            return None
