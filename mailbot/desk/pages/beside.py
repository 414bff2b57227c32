"""The mails before and after one in the list that its reader comes from: the filters are in the URL of the mail."""

from dataclasses import dataclass

from mailbot.desk.context import DeskContext
from mailbot.desk.pages.asked import Asked, number_in
from mailbot.desk.pages.list_urls import list_url
from mailbot.desk.pages.log_pages import FILTERS, filters_of, mail_url
from mailbot.records.keyset import Part, Place
from mailbot.records.log import mail_list
from mailbot.records.log.mail_list import Entry

MOST_READ = 500  # rows that are looked into for words


@dataclass(frozen=True)
class Beside:
    """URLs: of the list, and of the mail that is newer or older in it, "" where there is none.

    `newer_part`, `older_part`: of the list where it goes on, when no mail was found in the rows that were looked into.
    """

    log: str
    newer: str
    older: str
    newer_part: str
    older_part: str


def beside(asked: Asked, own: list[Entry], context: DeskContext) -> Beside:
    """What is beside the mail with the rows `own`, in the caller's `Store.reading`."""
    url = list_url("/desk/log", asked.query, FILTERS)
    filters, _ = filters_of(url)
    rows = [one.row.id for one in own]
    wanted = number_in(asked.query.get("row", ""))
    here = wanted if wanted in rows else rows[-1]

    def next_to(place: Place) -> tuple[str, Part[Entry]]:
        part = mail_list.page(context.store, filters, place, most_read=MOST_READ)
        return (mail_url(part.rows[0], url) if part.rows else "", part)

    newer, before = next_to(Place(before=(here,), size=1))
    older, after = next_to(Place(after=(here,), size=1))
    return Beside(
        url.url(),
        newer,
        older,
        newer_part="" if newer else url.previous(before),
        older_part="" if older else url.following(after),
    )
