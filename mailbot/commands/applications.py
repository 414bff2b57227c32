"""The commands `mailbot applications list|show N|revoke N|reopen N`."""

from collections.abc import Sequence

import click

from mailbot.clock import SystemClock, iso
from mailbot.commands.common import (
    common_options,
    in_words,
    open_configured_desk,
    operator_name,
    people_words,
    print_json,
    print_result,
    print_table,
    print_values,
    say_cut,
    wants_json,
)
from mailbot.commands.options import Code, no_office
from mailbot.commands.people_words import local_time
from mailbot.model.application import Application, Step
from mailbot.model.common_fields import COMMON_FIELDS
from mailbot.model.lifecycle import State
from mailbot.model.people import Language
from mailbot.text import printable

SHOWN = 50  # applications in the table, without --limit


@click.group()
def applications() -> None:
    """List the applications, show one with its history, or undo what was issued or approved."""


@applications.command("list")
@click.option("--state", type=click.Choice([s.value for s in State]), help="Only those in this state.")
@click.option("--office", type=Code(), default=None, help="Only those of this office.")
@click.option(
    "--limit", type=click.IntRange(1, 10_000_000), default=None, help="The latest ones; by default 50, with --json all."
)
@common_options
def list_(state: str | None, office: str | None, limit: int | None) -> None:
    """List the latest applications, oldest first.

    Example: mailbot applications list --state received
    """
    from mailbot.records.applications.application_store import listing
    from mailbot.records.register import offices

    most = limit or (None if wants_json() else SHOWN)
    with open_configured_desk() as (config, context), context.store.reading():
        titles = {one.name: one.title(Language(config.desk.language)) for one in context.procedures.values()}
        found = listing(state=State(state) if state else None, office=office, limit=most and most + 1)
        if not found and office is not None and offices.office(office) is None:
            raise no_office(office)
    if most is not None:
        say_cut(cut=len(found) > most, limit=most)
        found = found[-most:]
    if wants_json():
        print_json([_as_dict(a) for a in found])
        return
    rows = [
        [_number(a), a.state.value, a.office, titles[a.procedure], a.revision.contact.name, iso(a.revision.made_at)]
        for a in found
    ]
    print_table(["number", "state", "office", "procedure", "contact", "last revision"], rows)


@applications.command()
@click.argument("number")
@click.option(
    "--secrets",
    is_flag=True,
    help="Also the issued passwords; this is recorded permanently, and the 管理責任者 is told.",
)
@common_options
def show(number: str, secrets: bool) -> None:
    """One application with its content and history.  NUMBER is a receipt number, or #12 for a draft.

    Example: mailbot applications show 2600001C
    """
    from mailbot.desk.operators.applications import find_application, notices_of, notified, reveal_passwords

    with open_configured_desk() as (config, context):
        with context.store.reading():
            application = find_application(number)
            notices = notices_of(application)
        language = Language(config.desk.language)
        fields = (*COMMON_FIELDS, *context.procedure_of(application.procedure).fields)
        labels = {one.name: one.labels[language] for one in fields}
        content = [(labels.get(name, name), value) for name, value in application.revision.filled.values.items()]
        shown = _as_dict(application) | {"notified": notified(notices), "notices": notices}
        if secrets:
            passwords = reveal_passwords(application, operator_name(), SystemClock().now(), context)
            shown["passwords"] = [{"user_id": u, "password": p} for u, p in passwords]
    if wants_json():
        print_json(shown)
        return
    _print(shown, application, content)


@applications.command()
@click.argument("number")
@common_options
def revoke(number: str) -> None:
    """Erase the issued passwords of an application at once; its 申込担当者 and the 管理責任者 are told.

    Example: mailbot applications revoke 2600001C
    """
    from mailbot.desk.operators.applications import find_application, revoke_passwords

    with open_configured_desk() as (_, context):
        with context.store.reading():
            application = find_application(number)
        user_ids = revoke_passwords(application, operator_name(), SystemClock().now(), context)
    print_result({"revoked": user_ids}, f"erased the passwords of {', '.join(user_ids)}; both people get a notice")


@applications.command()
@click.argument("number")
@click.option("--reason", required=True, metavar="WORDS", help="Why: both people and the reviewers read it.")
@common_options
def reopen(number: str, reason: str) -> None:
    """Take an approval back before its 利用開始日: passwords are erased, and the application is reviewed again.

    Its 申込担当者 and the 管理責任者 are told with the reason, and the reviewers get a new 審査依頼.

    Example: mailbot applications reopen 2600001B --reason "the license number was not verified"
    """
    from mailbot.desk.operators.applications import find_application, take_approval_back

    with open_configured_desk() as (_, context):
        with context.store.reading():
            application = find_application(number)
        reopened, erased = take_approval_back(application, reason, operator_name(), SystemClock().now(), context)
    if wants_json():
        print_json({"number": _number(reopened), "state": reopened.state.value, "erased": erased})
        return
    click.echo(f"{_number(reopened)} is reviewed again; both people get a notice, the reviewers a new 審査依頼")
    if erased:
        click.echo(f"erased the passwords of {', '.join(erased)}")


def _print(shown: dict[str, object], application: Application, content: Sequence[tuple[str, object]]) -> None:
    words = people_words()
    apart = ("content", "steps", "passwords", "contract", "notices")
    print_values({name: value for name, value in shown.items() if name not in apart})
    click.echo(words.column("content"))
    for label, value in content:
        click.echo(f"  {printable(label)}: {printable(in_words(value))}")
    _print_rows("contract", shown["contract"])
    _print_rows("notices", shown["notices"])
    click.echo(words.column("history"))
    for step in application.steps:
        actor = f"{step.actor.name} <{step.actor.email}>" if step.actor.email else step.actor.name
        click.echo(
            f"  {local_time(step.at)}  {step.event.value} → {words.value('state', step.state.value)}"
            f"  r{step.revision}  {printable(actor)}"
        )
        for line in step.words.splitlines():
            click.echo(f"      {printable(line)}")
    if "passwords" in shown:
        click.echo(words.column("passwords"))
        passwords = shown["passwords"]
        assert isinstance(passwords, list)  # noqa: S101 - made above
        for row in passwords:
            click.echo(f"  {row['user_id']}  {row['password']}")
        if not passwords:
            click.echo("  none to be shown: not issued, or the view period (参照期間) is over")


def _print_rows(title: str, rows: object) -> None:
    words = people_words()
    click.echo(words.column(title))
    assert isinstance(rows, list)  # noqa: S101 - made below and in `notices_of`
    kinds = {"state": "result"} if title == "notices" else {}
    for row in rows:
        values = (words.value(name, in_words(value), kinds.get(name, "")) for name, value in row.items())
        click.echo("  " + "  ".join(map(printable, values)))


def _number(application: Application) -> str:
    return str(application.receipt) if application.receipt else f"#{application.id}"


def _as_dict(application: Application) -> dict[str, object]:
    period = application.view_period
    return {
        "number": _number(application),
        "state": application.state.value,
        "procedure": application.procedure,
        "office": application.office,
        "revision": application.revision.number,
        "submitted_at": iso(application.submitted_at) if application.submitted_at else None,
        "decided_at": iso(application.decided_at) if application.decided_at else None,
        "held": application.held,
        "taken_by": application.taken_by or None,
        "view_period": {"first": period.first.isoformat(), "last": period.last.isoformat()} if period else None,
        "start_date": application.start_date.isoformat() if application.start_date else None,
        "in_effect_at": iso(application.in_effect_at) if application.in_effect_at else None,
        "contract": [vars(line) for line in application.contract],
        "content": dict(application.revision.filled.values),
        "steps": [_step(step) for step in application.steps],
    }


def _step(step: Step) -> dict[str, object]:
    return {
        "event": step.event.value,
        "state": step.state.value,
        "at": iso(step.at),
        "by": {"role": step.actor.role.value, "email": step.actor.email, "name": step.actor.name},
        "revision": step.revision,
        "words": step.words,
        "mail": step.mail_id,
    }
