"""The second scenario of `mailbot demo`: applications that change the contract, up to their 利用開始日."""

import io
from datetime import timedelta

from openpyxl import load_workbook

from mailbot.clock import tokyo_date
from mailbot.demo.environment import Environment, Mail
from mailbot.demo.transcript import (
    HANAKO_ADDRESS,
    ICHIRO,
    TARO,
    DemoFailed,
    Transcript,
    expect,
    gmail_quote,
    mail_of_kind,
    send_reply,
)
from mailbot.desk.operators.applications import find_application
from mailbot.desk.outgoing.blank_forms import empty_form_file
from mailbot.records.register import offices

START_DAY_AND_CHANGE = (
    "利用開始日（適用日）：",
    "利用開始日（適用日）　",
    "変更後：",
)  # lines of 確認完了 and 利用開始
APPLICANT_SIDE = {TARO[1], HANAKO_ADDRESS}
TWO_APPLICATIONS = """\
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


def run_contract_changes(environment: Environment, transcript: Transcript) -> None:
    """Run the scenario.  Raises DemoFailed or TimeoutError."""
    wish = f"{tokyo_date(environment.clock.now()) + timedelta(days=30):%Y%m%d}"
    transcript.step("two_applications")
    requests = _apply_for_two(environment, transcript, wish)
    transcript.step("approve_both")
    approved = [_approve(environment, transcript, request) for request in requests]
    transcript.step("workbook")
    approved.append(_approve(environment, transcript, _apply_for_mailbox(environment, transcript, wish)))
    transcript.step("start_date")
    _reach_start_date(environment, transcript, approved)
    transcript.step("look_up")
    _look_up_contract(environment, transcript)


def _apply_for_two(environment: Environment, transcript: Transcript, wish: str) -> list[Mail]:
    text, subject = TWO_APPLICATIONS.format(wish=wish), "二件の申込"
    reply = environment.send(*TARO, subject, text)
    transcript.mail_sent(TARO, subject, text, reply, ("手続", "廃止する", "追加数"))
    mails = environment.receive(6)
    expect(mails, ["received"] * 4 + ["review-request"] * 2, {*APPLICANT_SIDE, ICHIRO[1]})
    transcript.notices(mails, {"received": ("申込受付番号",), "review-request": ("変更前：", "変更後：")})
    return [mail for mail in mails if mail.kind == "review-request"]


def _approve(environment: Environment, transcript: Transcript, request: Mail) -> str:
    send_reply(environment, transcript, ICHIRO, request, "承認\n", gmail_quote(request))
    mails = environment.receive(3)
    expect(mails, ["completed"] * 2 + ["decision"])
    transcript.notices(mails, {"completed": START_DAY_AND_CHANGE, "decision": ()})
    return str(request.message["X-Mailbot-Receipt"])


def _apply_for_mailbox(environment: Environment, transcript: Transcript, wish: str) -> Mail:
    office = offices.office("NAC001")
    if office is None:
        raise DemoFailed("NAC001 is not in the register")
    procedure = environment.context.procedures["mailbox_change"]
    today = tokyo_date(environment.clock.now())
    book = load_workbook(io.BytesIO(empty_form_file(procedure, office, office.contacts[0], today, "xlsx")))
    answers = {"メールボックス数（SMTP/POP3）": "1", "利用開始希望日": wish, "変更する理由": "取扱量の増加のため"}
    for sheet in book:
        for label, value in sheet.iter_rows(max_col=2):
            value.value = answers.get(str(label.value), value.value)
    buffer = io.BytesIO()
    book.save(buffer)
    text, subject = "添付のとおり申し込みます。\n", "メールボックスの追加"
    file = ("メールボックスの追加.xlsx", buffer.getvalue())
    transcript.mail_sent(TARO, f"{subject}  (+ {file[0]})", text, environment.send(*TARO, subject, text, file=file))
    mails = environment.receive(3)
    expect(mails, ["received"] * 2 + ["review-request"])
    transcript.notices(mails, {"received": ("申込受付番号",), "review-request": ("変更後：",)})
    return mail_of_kind(mails, "review-request")


def _reach_start_date(environment: Environment, transcript: Transcript, receipts: list[str]) -> None:
    start = find_application(receipts[0]).start_date
    if start is None:
        raise DemoFailed(f"{receipts[0]} has no 利用開始日")
    transcript.say("clock_advanced", day=start)
    environment.advance_to(start)
    mails = environment.receive(2 * len(receipts))
    expect(mails, ["in-effect"] * len(mails), APPLICANT_SIDE)
    transcript.notices(mails, {"in-effect": START_DAY_AND_CHANGE})
    if not all(find_application(receipt).in_effect for receipt in receipts):
        raise DemoFailed("not every application is in effect")


def _look_up_contract(environment: Environment, transcript: Transcript) -> None:
    transcript.mail_sent(TARO, "契約内容", "契約内容\n", environment.send(*TARO, "契約内容", "契約内容\n"))
    mails = environment.receive(1)
    expect(mails, ["answer"], {TARO[1]})
    transcript.notices(mails, {"answer": ("1ANACA2A", "1ANACA22", "NAC00102")})
    text = mails[0].text
    if "1ANACA0B" in text or "1ANACA2A" not in text or "NAC00102" not in text:
        raise DemoFailed("the contract was not changed as approved")
