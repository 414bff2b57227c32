"""The real mails: every one gets a class, and the class that its index states (`make corpus` prints the table)."""

import csv
import time
from collections import Counter
from functools import cache
from pathlib import Path

from mailbot.desk.operators.corpus import Row, read_folder

# Persons by every sign they carry: an office program, a list and a group service answer in somebody's name.
LIKE_PERSONS = 6


@cache
def table(folder: Path) -> tuple[dict[str, Row], list[dict[str, str]]]:
    rows = {row.name: row for row in read_folder(folder, time.perf_counter)}
    with (folder / "index.tsv").open(encoding="utf-8", newline="") as file:
        index = [r for r in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE) if r["file"] in rows]
    return rows, index


def test_every_mail_gets_its_class(shared_mail: Path) -> None:
    rows, index = table(shared_mail)
    assert len(index) >= 600
    classes = Counter((entry["kind"], rows[entry["file"]].kind) for entry in index)
    bounces = [e["file"] for e in index if e["kind"] == "bounce"]
    persons = [name for name in bounces if rows[name].kind == "person"]
    assert len(persons) <= LIKE_PERSONS, persons
    assert len(bounces) >= 400
    for kind in ("mobile-jp", "reply", "attachment", "partial"):
        others = {c: n for c, n in classes.items() if c[0] == kind and c[1] != "person"}
        assert sum(others.values()) <= 1, others


def test_no_character_of_a_japanese_mail_is_lost_in_silence(shared_mail: Path) -> None:
    """Some carriers' emoji are in no Unicode table: each is shown as lost, and recorded."""
    rows, index = table(shared_mail)
    mobile = [rows[e["file"]] for e in index if e["kind"] == "mobile-jp"]
    assert len(mobile) >= 15
    assert {row.losses > 0 for row in mobile if "\ufffd" in row.words} == {True}
    assert sum("\ufffd" in row.words for row in mobile) <= 6


def test_what_is_typed_above_a_quote_is_found(shared_mail: Path) -> None:
    """The replies whose own text the index states: none keeps a line of the quote."""
    rows, index = table(shared_mail)
    replies = [rows[e["file"]] for e in index if e["kind"] == "reply" and rows[e["file"]].kind == "person"]
    assert len(replies) >= 10
    assert all(not any(line.startswith(">") for line in row.words.split("\n")) for row in replies)
