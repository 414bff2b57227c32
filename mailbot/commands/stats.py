"""The command `mailbot stats`."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import click

from mailbot.clock import SystemClock, tokyo_date
from mailbot.commands.common import common_options, in_words, open_configured_desk, print_json, print_table, wants_json
from mailbot.commands.options import Instant
from mailbot.commands.stages import print_stages, stages_as_dicts
from mailbot.model.people import Language

if TYPE_CHECKING:
    from mailbot.records.maintenance.statistics import InquiryFigures


@click.command()
@click.option("--since", type=Instant(), default=None, help="Only since then (2026-11-01, 30d); default: everything.")
@common_options
def stats(since: datetime | None) -> None:
    """Count applications, the time until an approval, inquiries, mails by disposition, and what waits.

    Example: mailbot stats --since 30d
    """
    from mailbot.records.maintenance import stages, statistics

    with open_configured_desk() as (config, context), context.store.reading():
        titles = {one.name: one.title(Language(config.desk.language)) for one in context.procedures.values()}
        applications = statistics.applications_by_state(since)
        times = statistics.decision_times(since)
        inquiries = statistics.inquiry_figures(since, tokyo_date(SystemClock().now()))
        mails = statistics.mails_by_disposition(since)
        waiting = stages.waiting_stages(context.store)
    if wants_json():
        print_json(
            {
                "applications": [{"procedure": p, "state": s, "count": n} for p, s, n in applications],
                "decisions": [
                    {
                        "procedure": one.procedure,
                        "approved": one.decided,
                        "median_hours": _hours(one.median),
                        "nine_tenths_hours": _hours(one.nine_tenths),
                        "longest_hours": _hours(one.longest),
                    }
                    for one in times
                ],
                "inquiries": _as_dict(inquiries),
                "mails": [{"disposition": d, "reason": r, "count": n} for d, r, n in mails],
                "waiting": stages_as_dicts(waiting),
            }
        )
        return
    print_table(["procedure", "state", "applications"], [[titles[p], s, str(n)] for p, s, n in applications])
    click.echo("")
    print_table(
        ["procedure", "approved", "hours: median", "90 %", "longest"],
        [
            [titles[t.procedure], str(t.decided), *(str(_hours(one)) for one in (t.median, t.nine_tenths, t.longest))]
            for t in times
        ],
    )
    click.echo("")
    names = ["inquiries: open", "late", "answered", "closed", "hours: median"]
    print_table(names, [[in_words(one) for one in _as_dict(inquiries).values()]])
    click.echo("")
    print_table(["disposition", "reason", "mails"], [[d, r or "-", str(n)] for d, r, n in mails])
    click.echo("")
    print_stages(waiting)


def _as_dict(inquiries: "InquiryFigures") -> dict[str, object]:
    median = inquiries.median
    return {
        "open": inquiries.open,
        "late": inquiries.late,
        "answered": inquiries.answered,
        "closed": inquiries.closed,
        "median_hours": _hours(median) if median is not None else None,
    }


def _hours(time: timedelta) -> float:
    return round(time.total_seconds() / 3600, 1)
