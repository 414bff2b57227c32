"""The second story of `mailbot demo`: the contract changes, by the three other procedures, up to the 利用開始日."""

import io
from datetime import timedelta

from openpyxl import load_workbook

from mailbot.clock import tokyo_date
from mailbot.demo.telling import ICHIRO, TARO, StoryBroken, Teller, expect, gmail_quote, reply
from mailbot.demo.world import Mail, World
from mailbot.desk.operators.applications import find_application
from mailbot.desk.outgoing.blank_forms import empty_form_file
from mailbot.records.register import offices

SIDE = {TARO[1], "hanako@naxtrade.example"}
TWO = """\
お世話になっております。次の二件を申し込みます。

手続：利用者IDの廃止
事業所コード：NAC001
廃止する利用者ID：1ANACA0B
利用開始希望日：{wish}
変更する理由：担当者の退職に伴い、使用しなくなったため

手続：通関士IDの追加
利用者コード：1ANAC
追加数（net）：1
追加数（インタ）：1
通関士証票番号：12-7896
利用開始希望日：{wish}
"""


def tell_changes(world: World, teller: Teller) -> None:
    """Play the whole story.  Raises StoryBroken or TimeoutError."""
    wish = f"{tokyo_date(world.clock.now()) + timedelta(days=30):%Y%m%d}"
    teller.chapter("通関 太郎 asks for two procedures in one mail")
    requests = _two(world, teller, wish)
    teller.chapter("審査 一郎 approves both: numbers are given, the 利用開始日 is fixed, the 申込書 is enclosed")
    approved = [_approve(world, teller, request) for request in requests]
    teller.chapter(
        "He asks for a mailbox with the workbook that `mailbot form mailbox_change NAC001 --format xlsx` wrote"
    )
    approved.append(_approve(world, teller, _mailbox(world, teller, wish)))
    teller.chapter("利用開始日: the clock is turned on, the contract changes, the 承認通知 is enclosed")
    _start(world, teller, approved)
    teller.chapter("He asks for his contract")
    _contract(world, teller)


def _two(world: World, teller: Teller, wish: str) -> list[Mail]:
    text, subject = TWO.format(wish=wish), "二件の申込"
    teller.sent(TARO, subject, text, world.send(*TARO, subject, text))
    mails = world.gets(6)
    expect(mails, ["received"] * 4 + ["review-request"] * 2, {*SIDE, ICHIRO[1]})
    for mail in mails:
        teller.got(mail, ("申込受付番号", "変更前", "変更後", "ご希望と異なる"))
    return [mail for mail in mails if mail.kind == "review-request"]


def _approve(world: World, teller: Teller, request: Mail) -> str:
    reply(world, teller, ICHIRO, request, "承認\n", gmail_quote(request))
    mails = world.gets(3)
    expect(mails, ["completed"] * 2 + ["decision"])
    for mail in mails:
        teller.got(mail, ("利用開始日：", "変更後", "参照期間の最終日"))
    return str(request.message["X-Mailbot-Receipt"])


def _mailbox(world: World, teller: Teller, wish: str) -> Mail:
    office = offices.office("NAC001")
    if office is None:
        raise StoryBroken("NAC001 is not in the register")
    procedure = world.context.procedures["mailbox_change"]
    today = tokyo_date(world.clock.now())
    book = load_workbook(io.BytesIO(empty_form_file(procedure, office, office.contacts[0], today, "xlsx")))
    answers = {"メールボックス数（SMTP/POP3）": "1", "利用開始希望日": wish, "変更する理由": "取扱量の増加のため"}
    for sheet in book:
        for label, value in sheet.iter_rows(max_col=2):
            value.value = answers.get(str(label.value), value.value)
    buffer = io.BytesIO()
    book.save(buffer)
    text, subject = "添付のとおり申し込みます。\n", "メールボックスの追加"
    file = ("メールボックスの追加.xlsx", buffer.getvalue())
    teller.sent(TARO, f"{subject}  (+ {file[0]})", text, world.send(*TARO, subject, text, file=file))
    mails = world.gets(3)
    expect(mails, ["received"] * 2 + ["review-request"])
    for mail in mails:
        teller.got(mail, ("申込受付番号", "変更後"))
    return mails[-1]


def _start(world: World, teller: Teller, receipts: list[str]) -> None:
    start = find_application(receipts[0]).start_date
    if start is None:
        raise StoryBroken(f"{receipts[0]} has no 利用開始日")
    teller.say(f"  (it is {start} now)")
    world.advance_to(start)
    mails = world.gets(2 * len(receipts))
    expect(mails, ["in-effect"] * len(mails), SIDE)
    for mail in mails:
        teller.got(mail, ("利用開始日", "変更後"))
    if not all(find_application(receipt).in_effect for receipt in receipts):
        raise StoryBroken("not every application is in effect")


def _contract(world: World, teller: Teller) -> None:
    teller.sent(TARO, "契約内容", "契約内容\n", world.send(*TARO, "契約内容", "契約内容\n"))
    mails = world.gets(1)
    expect(mails, ["answer"], {TARO[1]})
    teller.got(mails[0], ("1ANAC", "NAC00102"))
    text = mails[0].text
    if "1ANACA0B" in text or "1ANACA0C" not in text or "NAC00102" not in text:
        raise StoryBroken("the contract was not changed as approved")
