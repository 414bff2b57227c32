"""The page «people behind the desk», seen from outside: mails in over SMTP, and who is sent which notice."""

import asyncio
import smtplib
from typing import Any

import pytest

from mailbot.clock import SystemClock
from mailbot.desk.operators.applications import revoke_passwords
from mailbot.model.lifecycle import State
from mailbot.records.applications import application_store
from mailbot.records.maintenance import consistency
from tests.testkit.desk import FORM
from tests.testkit.outside import Outside

pytestmark = pytest.mark.slow

TARO, HANAKO = "taro@naxtrade.example", "hanako@naxtrade.example"
ICHIRO, RYOKO, OPERATOR = "ichiro@desk.example", "ryoko@desk.example", "operator@desk.example"
GORO, EVE = "goro@naxtrade.example", "eve@evil.example"
CONTACT = "氏名：通関　五郎\n氏名（フリガナ）：ツウカン　ゴロウ\n電話番号：03-0123-4567\n"
FORWARDED = "下記の件、いかがでしょうか。\n\n---------- Forwarded message ---------\nFrom: 部下 五郎 <goro@naxtrade.example>\nDate: 2026/11/20\nSubject: 質問\nTo: 通関\n\n費用はいつ決まりますか。\n"


def conversation(out: Outside) -> None:
    # a form; a question about it goes to the reviewers of its category, the promise to the sender
    out.sends(TARO, FORM, "taro received", "hanako received", "ichiro review-request", "ryoko review-request")
    out.replies(TARO, "received", "いつ頃終わりますでしょうか、教えて", "taro answer")  # only asks: carried out
    question = "こちらは子会社の分も含まれますでしょうか。"
    out.replies(TARO, "received", question, "ichiro inquiry", "ryoko inquiry", "taro answer")
    # a reader's reply with nothing but a quote is asked again; then the answer, to both sides, and a second reader
    out.replies(ICHIRO, "inquiry", "", "ichiro answer")
    done = ("taro message", "hanako message", "ichiro update", "ryoko update")
    out.replies(ICHIRO, "inquiry", "含まれます。", *done)
    out.replies(RYOKO, "inquiry", "含まれません。", "ryoko answer")
    bounced = out.return_paths[TARO, "message"]
    # a 確認依頼: the prose answer goes to the one who asked
    asked = ("taro confirmation-request", "hanako confirmation-request", "ichiro decision", "ryoko decision")
    out.replies(ICHIRO, "review-request", "確認依頼\n理由を教えてください。", *asked)
    out.replies(TARO, "confirmation-request", "前任者の退職です。進めてください。", "ichiro inquiry", "taro answer")
    # a mere thank-you, an automatic reply, a stranger: nobody is told (the next line would see it)
    out.replies(TARO, "confirmation-request", "ありがとうございました。")
    out.sends(TARO, question, Auto_Submitted="auto-replied")
    out.sends(EVE, question)
    # what is not about an application: the people of desk.inquiries
    out.sends(TARO, "費用はいくらですか。", "operator inquiry", "taro answer", subject="お問い合わせ")
    out.replies(OPERATOR, "inquiry", "済", "operator update")
    out.sends(TARO, FORWARDED, "operator inquiry", "taro answer", subject="Fwd: 質問")
    large = {"data": bytes(18_000_000), "subject": "お問い合わせ"}
    out.sends(TARO, "添付の画面が出て進めません。", "operator inquiry", "taro answer", **large)
    with pytest.raises(smtplib.SMTPResponseException, match=r"552, b'5\.3\.4 .* without attachments"):
        out.sends(TARO, "添付をご覧ください。", data=bytes(20_000_000))
    # an answer that bounces
    out.sends(EVE, "User unknown. 550 5.1.1", "operator alert", "hanako answer", to=bounced, **BOUNCE)
    # a colleague who is not registered: at once to the operators, and one line registers and releases
    out.sends(GORO, f"{CONTACT}{FORM.replace('A0A', 'A0B')}", "operator alert", subject="申込")
    number = str(out.latest[OPERATOR, "alert"].get_body(("plain",)).get_content()).partition("\n#")[2].split()[0]
    received = ("goro received", "hanako received", "ichiro review-request", "ryoko review-request")
    out.replies(OPERATOR, "alert", f"N{number} 登録して処理", "operator answer", *received)
    # a stranger with a copied mail, who holds nothing; then the concern of the person
    receipt = str(out.latest[TARO, "received"]["X-Mailbot-Receipt"])
    concern = "この申込をした心当たりがありません。"
    out.sends(EVE, concern, "operator alert", subject=f"Re: [{receipt}]")
    everybody = ("ichiro inquiry", "ryoko inquiry", "operator inquiry")
    out.replies(TARO, "received", concern, *everybody, "taro answer")


def undone_and_limited(out: Outside) -> None:
    """Operators undo, a reviewer is away, somebody asks too often."""
    context, clock = out.desk.context, SystemClock()
    asked = ("taro received", "hanako received", "ichiro review-request", "ryoko review-request")
    decided = ("taro completed", "hanako completed", "ichiro decision", "ryoko decision")
    # revoked passwords: both people are told; the question about it is none about a leak
    out.sends(TARO, FORM, *asked)
    out.replies(ICHIRO, "review-request", "承認", *decided)
    done = application_store.listing()[-1]
    revoke_passwords(done, "ops", clock.now(), context)
    out.gets("taro revoked", "hanako revoked")
    out.replies(HANAKO, "revoked", "新しいパスワードはいつもらえますか。", "operator inquiry", "hanako answer")
    # a reviewer is away: no decision, and the operators learn that there is no deputy
    out.sends(TARO, FORM.replace("A0A", "A0B"), *asked)
    away = {"to": out.return_paths[ICHIRO, "review-request"], "envelope_sender": "", "Auto_Submitted": "auto-replied"}
    out.sends(ICHIRO, "本日は休暇をいただいております。\n承認", "operator alert", subject="不在: 審査依頼", **away)
    assert application_store.listing()[-1].state is State.RECEIVED
    # above the limit of answers each question is an inquiry, with one notice in the hour, and the sender is told once
    most = context.settings.answers_per_hour - 1  # one question was answered above, of another person
    for number in range(most + 1):
        out.sends(TARO, f"これは何でしょうか。{number}", "operator inquiry", "taro answer", subject="質問")
    out.sends(TARO, "これは何でしょうか。まだ", "operator inquiry", "taro answer", subject="質問")
    for number in range(3):
        out.sends(TARO, f"これは何でしょうか。また {number}", subject="質問")
    out.sends(TARO, "状況", "taro answer", subject="状況")  # a look-up is answered all the same
    with context.store.reading():
        assert consistency.check_consistency(context.store).faults == ()


BOUNCE = {"envelope_sender": "", "subject": "Undelivered Mail Returned to Sender", "Auto_Submitted": "auto-replied"}


@pytest.mark.timeout(300)
async def test_every_row(start: Any) -> None:
    desk = await start()
    await asyncio.to_thread(conversation, Outside(desk))


@pytest.mark.timeout(300)
async def test_undoing_absence_and_limits(start: Any) -> None:
    desk = await start()
    await asyncio.to_thread(undone_and_limited, Outside(desk))
