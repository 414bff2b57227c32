"""The first scenario of `mailbot demo`: one パスワード初期化 from a mistyped form to 確認完了."""

from mailbot.clock import tokyo_date
from mailbot.demo.browser import Browser
from mailbot.demo.environment import Environment, Mail
from mailbot.demo.transcript import (
    HANAKO_ADDRESS,
    ICHIRO,
    RYOKO,
    TARO,
    DemoFailed,
    Transcript,
    expect,
    gmail_quote,
    mail_of_kind,
    mail_to,
    outlook_quote,
    send_reply,
)
from mailbot.desk.operators.applications import find_application, reveal_passwords
from mailbot.model.lifecycle import State

APPLICATION = """\
お世話になっております。第一営業部の通関です。
下記のとおり申し込みます。

手続：パスワード初期化
事業所コード：NAC001

【申込内容】
利用者コード：１ＡＮＡＣ
識別番号：AOA
パスワード初期化の希望理由：担当者の交代時に引き継ぎがなく、失念したため
NACCS反映タイミング：最短の日程で登録を希望
備考：

よろしくお願いいたします。
"""


def run_password_reset(environment: Environment, transcript: Transcript) -> str:
    """Run the scenario; returns the receipt number.  Raises DemoFailed or TimeoutError."""
    transcript.step("apply")
    invalid = _apply(environment, transcript)
    transcript.step("submit")
    receipt, first_request = _submit(environment, transcript, invalid)
    transcript.step("request_correction")
    confirmation_request = _request_correction(environment, transcript, first_request)
    transcript.step("correct")
    second_requests = _correct(environment, transcript, confirmation_request)
    transcript.step("decide_outdated")
    third_request = _decide_outdated(environment, transcript, first_request)
    transcript.step("approve")
    _approve(environment, transcript, second_requests[ICHIRO[1]])
    transcript.step("approve_again")
    _approve_again(environment, transcript, third_request)
    transcript.step("view_password")
    _view_password(environment, transcript, receipt)
    _check_result(environment, transcript, receipt)
    return receipt


def _apply(environment: Environment, transcript: Transcript) -> Mail:
    subject = "パスワード初期化の申込"
    reply = environment.send(*TARO, subject, APPLICATION)
    transcript.mail_sent(TARO, subject, APPLICATION, reply, ("手続", "識別番号", "希望理由"))
    mails = environment.receive(2)
    expect(mails, ["invalid-input"] * 2, {TARO[1], HANAKO_ADDRESS})
    transcript.notices(mails, {"invalid-input": ("お書きになった内容", "ゼロ")})
    return mail_to(mails, TARO)


def _submit(environment: Environment, transcript: Transcript, invalid: Mail) -> tuple[str, dict[str, Mail]]:
    text = "修正\n利用者コード：1ANAC\n識別番号：A0A\n"
    send_reply(environment, transcript, TARO, invalid, text, "")
    mails = environment.receive(4)
    expect(mails, ["received"] * 2 + ["review-request"] * 2, {TARO[1], HANAKO_ADDRESS, ICHIRO[1], RYOKO[1]})
    transcript.notices(mails, {"received": ("申込受付番号", "結果のお知らせ"), "review-request": ("期限　", "→ ")})
    receipt = str(mails[0].message["X-Mailbot-Receipt"])
    return receipt, {mail.to: mail for mail in mails}


def _request_correction(environment: Environment, transcript: Transcript, requests: dict[str, Mail]) -> Mail:
    text = "お世話になっております。\n確認依頼\nA0B の初期化は不要でしょうか。必要でしたら識別番号に加えてください。\n"
    request = requests[ICHIRO[1]]
    send_reply(environment, transcript, ICHIRO, request, text, gmail_quote(request), ("確認依頼", "A0B"))
    mails = environment.receive(4)
    expect(mails, ["confirmation-request"] * 2 + ["decision"] * 2)
    transcript.notices(mails, {"confirmation-request": ("A0B の", "ご回答期限"), "decision": ()})
    return mail_to(mails, TARO)


def _correct(environment: Environment, transcript: Transcript, confirmation_request: Mail) -> dict[str, Mail]:
    text = (
        "お世話になっております。通関です。A0B と、メールボックスもお願いいたします。\n"
        "修正\n識別番号：A0A、A0B\nメールボックスID：NAC00101\n"
    )
    quote = outlook_quote(confirmation_request)
    send_reply(
        environment, transcript, TARO, confirmation_request, text, quote, ("修正", "識別番号", "メールボックスID")
    )
    mails = environment.receive(4)
    expect(mails, ["received"] * 2 + ["review-request"] * 2)
    transcript.notices(mails, {"received": ("変更前", "変更後", "　　　1ANACA0B"), "review-request": ()})
    return {mail.to: mail for mail in mails if mail.kind == "review-request"}


def _decide_outdated(environment: Environment, transcript: Transcript, first: dict[str, Mail]) -> Mail:
    send_reply(environment, transcript, RYOKO, first[RYOKO[1]], "承認\n", gmail_quote(first[RYOKO[1]]))
    mails = environment.receive(2)
    expect(mails, ["answer", "review-request"], {RYOKO[1]})
    transcript.notices(mails, {"answer": ("ご返信いただいたメール",), "review-request": ("先の審査依頼",)})
    return mail_of_kind(mails, "review-request")


def _approve(environment: Environment, transcript: Transcript, request: Mail) -> None:
    send_reply(environment, transcript, ICHIRO, request, "承認\n", outlook_quote(request))
    mails = environment.receive(4)
    expect(mails, ["completed"] * 2 + ["decision"] * 2)
    transcript.notices(mails, {"completed": ("確認可能期間の最終日", "記載していません"), "decision": ()})


def _approve_again(environment: Environment, transcript: Transcript, request: Mail) -> None:
    send_reply(environment, transcript, RYOKO, request, "承認\n", gmail_quote(request))
    mails = environment.receive(1)
    expect(mails, ["answer"], {RYOKO[1]})
    transcript.notices(mails, {"answer": ("審査 一郎", "「承認」の回答")})


def _view_password(environment: Environment, transcript: Transcript, receipt: str) -> None:
    url = environment.config.desk.base_url
    browser = Browser(url)
    if receipt not in browser.log_in("NAC001", "sample-NAC001"):
        raise DemoFailed("the page does not list the application")
    application = find_application(receipt)
    secrets = environment.context.vault.open(application.id, tokyo_date(environment.clock.now()))
    passwords = {secret.user_id: secret.password for secret in secrets}
    for one, name in (("1ANACA0A", "仮パスワード"), ("NAC00101", "メールボックスパスワード")):
        shown = browser.show_password(receipt, one)
        if passwords[one] not in shown or name not in shown:
            raise DemoFailed(f"the page does not show the {name} of {one}")
        page = transcript.folder / f"id-notice-{one}.html"
        page.write_text(shown, encoding="utf-8")
        transcript.say("page_saved", user_id=one)
        transcript.write(f"      mails/{page.name}")
        mails = environment.receive(1)
        expect(mails, ["security"], {HANAKO_ADDRESS})
        transcript.notices(mails, {"security": ("参照日時", "参照されたID")})


def _check_result(environment: Environment, transcript: Transcript, receipt: str) -> None:
    application = find_application(receipt)
    passwords = reveal_passwords(application, "demo", environment.clock.now(), environment.context)
    issued = [one for one, _ in passwords]
    if application.state is not State.COMPLETED or issued != ["1ANACA0A", "1ANACA0B", "NAC00101"]:
        raise DemoFailed(f"{receipt} is {application.state.value} with {len(passwords)} passwords")
    expect(environment.receive(1), ["security"], {HANAKO_ADDRESS})  # an operator's look is told as well
    period = application.view_period
    transcript.say("passwords_result", count=len(passwords), last=period.last if period else "?")
    for mail in transcript.folder.glob("*.eml"):
        raw = mail.read_bytes()
        text = Mail.of(raw).text.encode()
        if any(password.encode() in raw + text for _, password in passwords):
            raise DemoFailed(f"{mail.name} contains a password")
