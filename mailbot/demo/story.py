"""The first story that `mailbot demo` tells: one パスワード初期化 from a mistyped form to 確認完了."""

from mailbot.clock import tokyo_date
from mailbot.demo.browser import Browser
from mailbot.demo.telling import (
    ICHIRO,
    RYOKO,
    TARO,
    StoryBroken,
    Teller,
    expect,
    gmail_quote,
    mail_to,
    outlook_quote,
    reply,
)
from mailbot.demo.world import Mail, World
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


def tell(world: World, teller: Teller) -> str:
    """Play the whole story; returns the receipt number.  Raises StoryBroken or TimeoutError."""
    teller.chapter("通関 太郎 applies, and types the letter O for a zero")
    invalid = _apply(world, teller)
    teller.chapter("He replies with the one line that was wrong")
    receipt, first_request = _submit(world, teller, invalid)
    teller.chapter("審査 一郎 asks for a fix")
    asked = _ask(world, teller, first_request)
    teller.chapter("通関 太郎 answers below the quoted mail of Outlook")
    second_requests = _correct(world, teller, asked)
    teller.chapter("審査 良子 decides on the mail she had before: nothing changes, she sees the new content")
    third_request = _late_decision(world, teller, first_request)
    teller.chapter("審査 一郎 approves")
    _approve(world, teller, second_requests[ICHIRO[1]])
    teller.chapter("審査 良子 approves a moment later: the first decision has won")
    _too_late(world, teller, third_request)
    teller.chapter("管理 花子 logs in and looks at a password, and is told of it by mail")
    _look_at_the_page(world, teller, receipt)
    teller.chapter("What the operator sees")
    _look(world, teller, receipt)
    return receipt


def _apply(world: World, teller: Teller) -> Mail:
    subject = "パスワード初期化の申込"
    teller.sent(TARO, subject, APPLICATION, world.send(*TARO, subject, APPLICATION))
    mails = world.gets(2)
    expect(mails, ["invalid-input"] * 2, {TARO[1], "hanako@naxtrade.example"})
    for mail in mails:
        teller.got(mail, ("AOA", "A0A"))
    return mail_to(mails, TARO)


def _submit(world: World, teller: Teller, invalid: Mail) -> tuple[str, dict[str, Mail]]:
    text = "修正\n利用者コード：1ANAC\n識別番号：A0A\n"
    reply(world, teller, TARO, invalid, text, "")
    mails = world.gets(4)
    expect(mails, ["received"] * 2 + ["review-request"] * 2, {TARO[1], "hanako@naxtrade.example", ICHIRO[1], RYOKO[1]})
    for mail in mails:
        teller.got(mail, ("申込受付番号", "申込受付年月日", "URY", "希望理由"))
    receipt = str(mails[0].message["X-Mailbot-Receipt"])
    return receipt, {mail.to: mail for mail in mails}


def _ask(world: World, teller: Teller, requests: dict[str, Mail]) -> Mail:
    text = "お世話になっております。\n確認依頼\nA0B の初期化は不要でしょうか。必要でしたら識別番号に加えてください。\n"
    request = requests[ICHIRO[1]]
    reply(world, teller, ICHIRO, request, text, gmail_quote(request))
    mails = world.gets(4)
    expect(mails, ["confirmation-request"] * 2 + ["decision"] * 2)
    for mail in mails:
        teller.got(mail, ("A0B", "回答期限", "申込受付番号"))
    return mail_to(mails, TARO)


def _correct(world: World, teller: Teller, asked: Mail) -> dict[str, Mail]:
    text = "お世話になっております。通関です。A0B もお願いいたします。\n修正\n識別番号：A0A、A0B\n"
    reply(world, teller, TARO, asked, text, outlook_quote(asked))
    mails = world.gets(4)
    expect(mails, ["received"] * 2 + ["review-request"] * 2)
    for mail in mails:
        teller.got(mail, ("変更前", "変更後", "→", "1ANACA0B"))
    return {mail.to: mail for mail in mails if mail.kind == "review-request"}


def _late_decision(world: World, teller: Teller, first: dict[str, Mail]) -> Mail:
    reply(world, teller, RYOKO, first[RYOKO[1]], "承認\n", gmail_quote(first[RYOKO[1]]))
    mails = world.gets(2)
    expect(mails, ["answer", "review-request"], {RYOKO[1]})
    for mail in mails:
        teller.got(mail, ("修正", "変更", "内容"))
    return mails[1]


def _approve(world: World, teller: Teller, request: Mail) -> None:
    reply(world, teller, ICHIRO, request, "承認\n", outlook_quote(request))
    mails = world.gets(4)
    expect(mails, ["completed"] * 2 + ["decision"] * 2)
    for mail in mails:
        teller.got(mail, ("3営業日", "まで", "URY", "承認"))


def _too_late(world: World, teller: Teller, request: Mail) -> None:
    reply(world, teller, RYOKO, request, "承認\n", gmail_quote(request))
    mails = world.gets(1)
    expect(mails, ["answer"], {RYOKO[1]})
    teller.got(mails[0], ("審査 一郎", "承認"))


def _look_at_the_page(world: World, teller: Teller, receipt: str) -> None:
    url = world.config.desk.base_url
    browser = Browser(url)
    if receipt not in browser.logs_in("NAC001", "sample-NAC001"):
        raise StoryBroken("the page does not list the application")
    shown = browser.shows(receipt, "1ANACA0A")
    application = find_application(receipt)
    secret = world.context.vault.open(application.id, tokyo_date(world.clock.now()))[0]
    if secret.password not in shown:
        raise StoryBroken("the page does not show the password")
    page = teller.folder / "id-notice.html"
    page.write_text(shown, encoding="utf-8")
    teller.say(f"  {url} showed the password of 1ANACA0A, once, for one click: {page}")
    mails = world.gets(1)
    expect(mails, ["security"], {"hanako@naxtrade.example"})
    teller.got(mails[0], ("参照",))


def _look(world: World, teller: Teller, receipt: str) -> None:
    application = find_application(receipt)
    passwords = reveal_passwords(application, "demo", world.clock.now(), world.context)
    if application.state is not State.COMPLETED or [user_id for user_id, _ in passwords] != ["1ANACA0A", "1ANACA0B"]:
        raise StoryBroken(f"{receipt} is {application.state.value} with {len(passwords)} passwords")
    period = application.view_period
    teller.say(
        f"  {receipt}: {application.state.value}, {len(passwords)} passwords in the vault (each look is recorded),"
    )
    teller.say(f"  to be looked at until {period.last if period else '?'} and erased afterwards; no mail carries one.")
    for mail in teller.folder.glob("*.eml"):
        raw = mail.read_bytes()
        text = Mail.of(raw).text.encode()
        if any(password.encode() in raw + text for _, password in passwords):
            raise StoryBroken(f"{mail.name} carries a password")
