"""Queries on the effects of approved applications (model.effects), with the allocated numbers."""

from collections.abc import Sequence
from dataclasses import asdict

from mailbot.model.effects import KINDS, Effect
from mailbot.records.database.prepared import PreparedInsert
from mailbot.records.schema.application_tables import EffectRow

_INSERT = PreparedInsert(EffectRow)


def effects_of(application_id: int) -> tuple[Effect, ...]:
    """The effects of an application, in order; () before its approval."""
    rows = EffectRow.select().where(EffectRow.application == application_id).order_by(EffectRow.id)
    return tuple(KINDS[row.kind](**row.content) for row in rows)


def delete_effects(application_id: int) -> None:
    """Remove the effects of an approval that is taken back, in the caller's transaction."""
    EffectRow.delete().where(EffectRow.application == application_id).execute()


def insert_effects(application_id: int, effects: Sequence[Effect]) -> None:
    """Store the effects of an approval, in the caller's transaction."""
    names = {shape: name for name, shape in KINDS.items()}
    _INSERT.run([{"application": application_id, "kind": names[type(e)], "content": asdict(e)} for e in effects])
