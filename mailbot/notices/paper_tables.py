"""変更前 / 変更後 on a paper: the lists of 利用者ID and メールボックスID with the columns of S4, and their numbers."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from mailbot.model.effects import ContractLine, Item
from mailbot.notices import paper_layout as layout
from mailbot.notices.display import short_day
from mailbot.notices.paper_layout import Column

_YES, _NO = "○", "―"  # as the screens of NSS mark what is so
# Phrase → width in millimetres; those of a mark are centred.
_USER_IDS = {"mark": 5, "before": 11, "after": 11, "division": 10, "business": 18, "method": 27, "user_code": 14}
_USER_IDS |= {"number": 11, "paid": 12, "free": 12, "archive": 13, "shared": 13, "start_short": 22}
_MAILBOXES = {"mark": 5, "before": 15, "after": 15, "mailbox_kind": 40, "mailbox": 50}
_CENTRED = frozenset({"mark", "before", "after", "paid", "free", "archive", "shared"})
_COUNTED = {Item.USER_CODE: "user_codes", Item.USER_ID: "numbers", Item.MAILBOX: "mailboxes"}

Phrases = Mapping[str, str]


def counts(lines: Sequence[ContractLine], phrases: Phrases) -> list[tuple[str, str]]:
    """How many of each item are added and abolished (S4, 申込結果); only of those that change."""
    rows = []
    for item, label in _COUNTED.items():
        changed = [line for line in lines if line.item is item and line.changed]
        added = sum(line.after for line in changed)
        if changed:
            rows.append((phrases[label], phrases["count"].format(added=added, abolished=len(changed) - added)))
    return rows


def changes(lines: Sequence[ContractLine], start: date | None, phrases: Phrases) -> list[Any]:
    """The lists under their heading; [] when the contract stays as it is.  `start`: 利用開始日 of what is added."""
    if not lines:
        return []
    story = layout.heading(phrases["changes"])
    user_ids = [line for line in lines if line.item is not Item.MAILBOX]
    mailboxes = [line for line in lines if line.item is Item.MAILBOX]
    if user_ids:
        rows = [(_user_id(line, start, phrases), line.changed) for line in user_ids]
        story.append(layout.grid(_columns(_USER_IDS, phrases), rows))
    if user_ids and mailboxes:
        story.append(layout.gap(3))
    if mailboxes:
        rows = [
            ([*_marks(line, phrases), line.detail, line.code or phrases["new"]], line.changed) for line in mailboxes
        ]
        story.append(layout.grid(_columns(_MAILBOXES, phrases), rows))
    return story


def _columns(widths: Mapping[str, int], phrases: Phrases) -> list[Column]:
    return [Column("" if name == "mark" else phrases[name], width, name in _CENTRED) for name, width in widths.items()]


def _marks(line: ContractLine, phrases: Phrases) -> list[str]:
    after = _YES if line.after else phrases["gone"]
    if line.after and not line.before:
        after = phrases["added"]
    return ["■" if line.changed else "□", _YES if line.before else _NO, after]


def _user_id(line: ContractLine, start: date | None, phrases: Phrases) -> list[str]:
    """A row of the list; a 利用者コード that is abolished as a whole has no 識別番号."""
    whole = line.item is Item.USER_CODE
    began = line.start if line.before else start
    code = line.code or phrases["new"]
    return [
        *_marks(line, phrases),
        line.division,
        line.business,
        "" if whole else line.detail,
        code if whole else code[:5],
        phrases["whole"] if whole else code[5:],
        *("" if whole else _mark(one) for one in (line.paid_statistics, line.free_statistics, line.bonded_archive)),
        _mark(line.shared),
        short_day(began) if began and not whole else "",
    ]


def _mark(so: bool) -> str:
    return _YES if so else _NO
