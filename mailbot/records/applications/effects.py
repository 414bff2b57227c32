"""What approved applications do, with the numbers they were given."""

from collections.abc import Sequence
from dataclasses import asdict

from peewee import chunked

from mailbot.model.effects import KINDS, Effect
from mailbot.records.schema.application_tables import EffectRow

_ROWS_AT_ONCE = 500


def effects_of(application_id: int) -> tuple[Effect, ...]:
    """What the application does, in order; () before it is approved."""
    rows = EffectRow.select().where(EffectRow.application == application_id).order_by(EffectRow.id)
    return tuple(KINDS[row.kind](**row.content) for row in rows)


def insert_effects(application_id: int, effects: Sequence[Effect]) -> None:
    names = {shape: name for name, shape in KINDS.items()}
    rows = [{"application": application_id, "kind": names[type(e)], "content": asdict(e)} for e in effects]
    for some in chunked(rows, _ROWS_AT_ONCE):
        EffectRow.insert_many(some).execute()
