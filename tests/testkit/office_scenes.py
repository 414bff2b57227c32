"""An office's pages as people meet them: applications in every state, many of them, long names; and a server for them."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date

import uvicorn

from mailbot.model.start_days import ScheduleDay
from mailbot.records.register import offices, schedule
from mailbot.runners.web.site import Site
from tests.testkit.contract_forms import ABOLITION, BROKER, MAILBOX, approve, on
from tests.testkit.desk import FORM, DeskUnderTest, Person
from tests.testkit.waiting import until

PASSWORDS = {"NAC001": "sample-NAC001", "NAC002": "sample-NAC002", "SKY001": "sample-SKY001"}
QUESTION = "9月にもA0Aの初期化を承っております。\n今回も初期化が必要か、ご確認をお願いいたします。"
ENGLISH_FORM = """\
Procedure: Password initialisation
Office code: SKY001
User IDs: 2ASKYS0A
Reason for initialisation: The password was not handed over when a colleague left
NACCS timing: as soon as possible
"""
SCHEDULE = (
    *(("2026-12-15", "2026-12-08"), ("2026-12-17", "2026-12-10"), ("2026-12-22", "2026-12-15")),
    *(("2026-12-24", "2026-12-17"), ("2027-01-05", "2026-12-25"), ("2027-01-07", "2026-12-28")),
    *(("2027-01-12", "2027-01-05"), ("2027-01-14", "2027-01-07"), ("2027-01-19", "2027-01-12")),
)
LONG_NAMES = {
    "company": "株式会社日本国際海上航空複合一貫輸送通関ロジスティクスホールディングス東日本",
    "name": "京浜港東京大井コンテナ埠頭第三ターミナル輸出入通関業務統括営業所（夜間窓口）",
    "address": "東京都品川区八潮二丁目百二十三番地四十五号　大井コンテナ埠頭第三ターミナル管理棟別館二十階西側",
}


def people(desk: DeskUnderTest) -> tuple[Person, Person]:
    """申込担当者 of NAC001, and the reviewer."""
    return desk.person("通関 太郎", "taro@naxtrade.example"), desk.person("審査 一郎", "ichiro@desk.example")


def applies(desk: DeskUnderTest, form: str) -> str:
    """The receipt number of what NAC001 applies for."""
    taro, _ = people(desk)
    taro.sends(form, form.partition("：")[2].partition("\n")[0])
    return next(got.receipt for got in reversed(taro.mails) if got.kind == "received")


def is_asked(desk: DeskUnderTest, words: str = QUESTION) -> None:
    """The reviewer asks about the latest application."""
    _, ichiro = people(desk)
    ichiro.replies(next(m for m in reversed(ichiro.mails) if m.kind == "review-request"), f"確認依頼\n{words}\n")


def lived_in(desk: DeskUnderTest) -> dict[str, str]:
    """NAC001 with an application in each state; their receipt numbers by what they are."""
    taro, ichiro = people(desk)
    with desk.store.transaction():
        schedule.replace_table(
            ScheduleDay(date.fromisoformat(start), date.fromisoformat(last)) for start, last in SCHEDULE
        )
    found = {"in_effect": applies(desk, ABOLITION.replace("1ANACA0A 1ANACA0B", "1ANACA02"))}
    approve(desk, ichiro)
    on(desk, date(2026, 12, 16))
    found["withdrawn"] = applies(
        desk, ABOLITION.replace("1ANACA0A 1ANACA0B", "1ANACA0B").replace("20261210", "20261222")
    )
    taro.replies(next(m for m in reversed(taro.mails) if m.kind == "received"), "取下げ\n")
    found["over"] = applies(desk, FORM.replace("A0A", "A0B"))
    approve(desk, ichiro)
    on(desk, date(2026, 12, 22))
    found["starting"] = applies(
        desk, MAILBOX.replace("SMTP/POP3）：1", "SMTP/POP3）：2").replace("20261210", "20261224")
    )
    approve(desk, ichiro)
    found["viewable"] = applies(desk, FORM.replace("A0A", "A01"))
    approve(desk, ichiro)
    found["asked"] = applies(desk, FORM)
    is_asked(desk)
    found["received"] = applies(desk, BROKER.replace("2026年12月10日", "2027年1月12日"))
    taro.sends("一時保存\n" + FORM.replace("A0A", "A03"))
    for person in desk.people.values():
        person.forgets()
    return found


def many(desk: DeskUnderTest, number: int = 30) -> list[str]:
    """`number` applications of NAC001: two thirds of them withdrawn."""
    taro, _ = people(desk)
    receipts = []
    for index in range(number):
        day = date(2026, 12, 10).replace(day=1 + index % 28, year=2027)
        code = ("A0A", "A0B", "A01")[index % 3] if index % 3 < 2 else "A02"
        form = ABOLITION.replace("1ANACA0A 1ANACA0B", f"1ANAC{code}").replace("20261210", f"{day:%Y%m%d}")
        receipts.append(
            applies(desk, form if index < number - 3 else FORM.replace("A0A", ("A0A", "A0B", "A01")[index % 3]))
        )
        if index < number - 3:
            taro.replies(next(m for m in reversed(taro.mails) if m.kind == "received"), "取下げ\n")
        desk.passes(days=1)
        taro.forgets()
    return receipts


def with_long_names(desk: DeskUnderTest) -> None:
    """The longest names that an office may really have."""
    office = offices.office("NAC001")
    assert office is not None
    register = offices.load_register()
    long = replace(office, **LONG_NAMES)
    with desk.store.transaction():
        others = tuple(one if one.code != office.code else long for one in register.offices)
        offices.replace_register(replace(register, offices=others))


@contextmanager
def served(desk: DeskUnderTest) -> Iterator[str]:
    """The pages of the desk on loopback; their URL without a slash at its end."""
    site = Site(desk.context, desk.clock, https=False, sent=desk.deliver)
    config = uvicorn.Config(site.asgi(), host="127.0.0.1", port=0, log_config=None, lifespan="off", ws="none")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, name="pages")
    thread.start()
    try:
        until(lambda: server.started, "the pages to be served")
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()
