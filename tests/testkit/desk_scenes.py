"""The desk's own pages as its people meet them: applications in every state, an inquiry, and somebody with all roles."""

from mailbot.model.desk_login import DeskRole
from mailbot.records.queues import received
from tests.testkit.chromium import Chromium
from tests.testkit.contract_forms import ABOLITION
from tests.testkit.desk import DeskUnderTest
from tests.testkit.desk_browser import ICHIRO, LogIn, new_log_in
from tests.testkit.hostile_pages import HOSTILE_PAGES
from tests.testkit.office_scenes import lived_in


def busy_desk(desk: DeskUnderTest) -> dict[str, str]:
    """What `lived_in` makes, two days later, with an inquiry and something to look at; receipt numbers by what they are."""
    numbers = lived_in(desk)
    desk.passes(days=2)
    taro = desk.person("通関 太郎", "taro@naxtrade.example")
    taro.sends(ABOLITION.replace("1ANACA0A 1ANACA0B", "1ANACA01").replace("20261210", "20270113"))
    numbers["look"] = next(got.receipt for got in taro.mails if got.kind == "received")
    taro.sends("お世話になっております。\n費用はいつ請求されますか。\n", subject=f"Re: [{numbers['received']}]")
    for person in desk.people.values():
        person.forgets()
    return numbers


def somebody(desk: DeskUnderTest) -> LogIn:
    """A log-in with every role."""
    return new_log_in(desk, ICHIRO, *DeskRole)


def logs_in(browser: Chromium, one: LogIn, url: str) -> None:
    """Open a page of the desk, and log in where it asks for that."""
    browser.opens(url)
    browser.types("email", one.email)
    browser.types("password", one.password)
    browser.types("code", one.code())
    browser.presses(".main")


def hostile_mails(desk: DeskUnderTest, url: str) -> dict[str, str]:
    """A mail for each of HOSTILE_PAGES, from somebody of the register; the number of each by its name."""
    taro, found = desk.person("通関 太郎", "taro@naxtrade.example"), {}
    for name, page in HOSTILE_PAGES.items():
        html = f"<html><body><p>様式をお願いします</p>{page.format(url=url)}</body></html>"
        taro.sends("様式をお願いします。\n", subject=f"様式 {name}", html=html)
        with desk.store.reading():
            found[name] = str(max(received.numbers(desk.store)))
        desk.passes(hours=25)  # below the limits of answers
    for person in desk.people.values():
        person.forgets()
    return found


def mails_to_look_at(desk: DeskUnderTest) -> None:
    """Quarantined, passed on, with a file, not delivered: something for each list of mails."""
    goro = desk.person("", "goro@nowhere.example")
    for subject in ("【配信】12月の物流セミナーのご案内", "=cmd|' /C calc'!A0"):
        goro.sends("ご案内です。\n", subject=subject, Precedence="bulk")
    taro = desk.person("通関 太郎", "taro@naxtrade.example")
    taro.sends(
        "担当者交代の件で、教えてください。\n",
        subject="担当者交代の件",
        files={"../見積 <b>.html": b"<script>1</script>"},
    )
    for person in desk.people.values():
        person.forgets()
