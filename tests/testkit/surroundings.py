"""What stands around the words of real mails: banners, greetings, closings, signatures, device lines, footers.

Written after the shapes of public mails; persons and companies are invented.
"""

import random

BANNERS = (
    "⚠ 注意：このメールは組織外から届きました。",
    "注意：このメールは社外から送信されています。添付ファイルやリンクにご注意ください。",
    "【社外メール】このメールは外部から送信されました。\n----------",
    "[EXTERNAL EMAIL] Do not click links or open attachments unless you recognize the sender.",
    "***************\n\nWARNING: This email came from outside our network.\n\nDo not open links unless you know the sender.\n\n***************",
    "CAUTION: This email originated from outside of the organization.",
    "==============================\n警告：差出人を確認できない外部のメールです。\nURL：クリックする前にご確認ください\n==============================",
    "You don't often get email from taro@naxtrade.example. Learn why this is important",
    "このメッセージは信頼できる送信者から送信されていない可能性があります。",
    "[一部のユーザーは desk@desk.example からのメールを受け取ることがあまりありません。これが重要である理由については、https://aka.ms/LearnAboutSenderIdentification をご覧ください]",
    "taro@naxtrade.example からメールを受け取ることはあまりありません。これが重要な理由はこちら",
    "━━━━━━━━━━━━━━━━\n【重要】本メールは社外から受信しました\n対応：添付ファイルを開く前にご確認ください\n━━━━━━━━━━━━━━━━",
    "ご注意：外部からのメールです。リンクを開く前に送信元をご確認ください。",
    "このメールはウイルスチェック済みです。",
    "WARNING: External Sender\nThis message was sent from outside your organization.",
    "【注意】このメールは当社グループ外のアドレスから送信されています。",
    "※このメールは組織外のメールアドレスから届いています。添付ファイル・URLの取り扱いにはご注意ください。",
    "<<外部メール>> 送信元を確認してください。",
    "[External Sender] Exercise caution when opening links or attachments.",
    "⚠️ This email is from an external sender. Be careful with links and attachments.",
    "┌────────────────┐\n│ 社外からのメールです │\n└────────────────┘",
    "セキュリティ通知: 差出人のアドレスは初めて受信するアドレスです。なりすましにご注意ください。",
    "EXTERNAL: Do not click links or open attachments if you do not recognize the sender.",
    "これは外部のメールです。不審な場合は情報システム部（内線9999）までご連絡ください。",
    "[注意喚起]\n本メールは外部ドメインから送信されました。\n心当たりのない場合は開封しないでください。",
    "** External Email – Use Caution **",
    "ZjQcmQRYFpfptBannerStart\nThis Message Is From an External Sender\nThis message came from outside your organization.\nZjQcmQRYFpfptBannerEnd",
)
GREETINGS = (
    "",
    "お世話になっております。\n",
    "申込受付デスク 御中\n\nいつもお世話になっております。ナックス商事の通関です。\n下記のとおり申し込みます。\n",
    "各位\n\nお疲れ様です。\n",
    "Hello,\n",
)
CLOSINGS = (
    "",
    "\n以上、よろしくお願いいたします。\n",
    "\nお手数ですが、よろしくお願いいたします。\n",
    "\n何卒よろしくお願い申し上げます。\n",
    "\n以上\n",
)
NAMES = (
    "通関 太郎",
    "ナックス商事株式会社\n通関 太郎",
    "ナックス商事㈱ 第一営業所\n通関 太郎（つうかん たろう）",
    "通関　太郎\nナックス商事（株）営業第3課　課長",
    "Taro Tsukan\nNAX Trading Co., Ltd.",
    "Best regards,\nTaro Tsukan\nCustoms Information",
    "通関太郎＠ナックス商事",
    "ナックス商事株式会社\n第一営業部 営業第3課\n課長　通関 太郎",
    "通関 太郎 / Taro TSUKAN",
    "(株)ナックス商事　通関",
    "■ナックス商事株式会社■\n通関太郎",
    "NAX Trade Company\nTokyo Office\nTaro TSUKAN (Mr.)",
    "担当：通関 太郎",
    "ナックス商事グループ 物流本部 通関業務チーム　通関",
    "Thanks,\nTaro",
    "Kind regards,\n\nTaro Tsukan | Manager",
    "営業３課　つうかん",
)
CONTACTS = (
    "",
    "TEL：03-0123-4567\nFAX：03-0123-4568",
    "電話 03-0123-4567（直通）\nメール：tsukan-ka@naxtrade.example",
    "〒108-0075 東京都港区港南10-100-1\n代表：03-0123-4500　内線：3021\nMail：taro@naxtrade.example",
    "携帯: 090-1111-2222\nURL：http://www.naxtrade.example/",
    "E-mail: taro@naxtrade.example\nhttps://www.naxtrade.example",
    "Tel +81-3-0123-4567 / Fax +81-3-0123-4568",
    "住所：東京都港区港南10-100-1\n電話：03-0123-4567\n営業時間：9:00～17:30",
    "℡ 03(0123)4567\n📧 taro@naxtrade.example",
    "連絡先TEL(直通):03-0123-4567",
    "Tel. 03-0123-4567  Fax. 03-0123-4568  Mobile. 090-1111-2222",
    "電話番号：03-0123-4567（平日9時～17時）\nFAX番号：03-0123-4568",
    "住所：〒108-0075 東京都港区港南10-100-1 NAXビル3階\nTEL：03-0123-4567（代）",
    "E-Mail : taro@naxtrade.example\nHP : https://www.naxtrade.example",
    "M: 090-1111-2222\nT: +81 3 0123 4567\nE: taro@naxtrade.example",
    "本社　東京都港区港南10-100-1　TEL 03-0123-4567\n大阪支店　大阪市北区梅田1-1-1　TEL 06-0123-4567",
    "◎HP：www.naxtrade.example\n◎Instagram：@naxtrade",
    "メールアドレス：taro@naxtrade.example\n部署共通：eigyo3@naxtrade.example",
    "適格請求書発行事業者登録番号：T1234567890123\n電話：03-0123-4567",
    "営業時間：平日 9:00-17:30\n定休日：土・日・祝日\n電話 03-0123-4567",
)
FRAMES = (
    "",
    "-- ",
    "-" * 28,
    "=" * 30,
    "*" * 24,
    "━" * 16,
    "★☆" * 10,
    "◇◆" * 8,
    "～" * 18,
    "/" * 22,
    "┏" + "━" * 12 + "┓",
    "+" + "-" * 20 + "+",
    "・‥…━━━☆",
    "#" * 20,
    ":" * 20,
    "_" * 18,
    "--",
    "————————————————————",
    "＝＝＝＝＝＝＝＝＝＝＝＝＝＝＝＝＝＝＝＝",
    "******************************",
    "+:+:+:+:+:+:+:+:+",
    "〓〓〓〓〓〓〓〓〓〓〓〓〓〓",
    "゜・。。・゜゜・。。・゜",
    "- - - - - - - - - - -",
    "◆◇◆◇◆◇◆◇",
    "♪♪♪♪♪♪♪♪♪♪",
    "_/_/_/_/_/_/_/_/_/",
    "╋━━━━━━━━━━╋",
    "∞∞∞∞∞∞∞∞∞∞∞∞∞∞∞",
    "──────────────────",
)
DEVICES = (
    "iPhoneから送信",
    "Galaxyから送信",
    "Sent from my iPad",
    "Get Outlook for iOS<https://aka.ms/o0ukef>",
    "iOS 版 Outlook を取得",
    "Outlook for Android を入手",
    "Windows 版のメールから送信",
    "ドコモのスマートフォンから送信しました",
    "auスマートフォンより送信",
    "Yahoo!メールアプリから送信",
    "Spark で送信",
    "Sent with Proton Mail secure email.",
    "LINE WORKSで送信",
    "Envoyé de mon iPhone",
    "Outlook for Mac を取得",
    "Androidデバイスから送信",
    "Sent from Mail for Windows",
    "Gmailアプリから送信",
    "私のタブレットから送信しています",
    "Von meinem iPhone gesendet",
    "Xperiaから送信",
    "Pixel 8から送信",
    "iPadから送信",
    "Androidスマートフォンから送信",
    "Sent from my Galaxy",
    "Sent from Yahoo Mail on Android",
    "Outlook for iOS を入手する",
    "Get Outlook for Mac",
    "Sent from Outlook for Android<https://aka.ms/AAb9ysg>",
    "楽天モバイルのスマートフォンから送信",
    "ソフトバンクのケータイから送信",
    "Thunderbird for Androidから送信",
    "スマホから送信しています。誤字脱字はご容赦ください。",
    "Sent from my iPhone, please excuse typos",
    "AQUOSから送信",
    "モバイル端末から送信しています",
)
FOOTERS = (
    "この電子メールは、アバスト アンチウイルスによりウイルススキャンされています。\nwww.avast.com",
    "免責事項：本メールには機密情報が含まれている場合があります。誤って受信された場合は破棄してください。\nお問い合わせ先：ナックス商事 情報システム部",
    "Note: This e-mail may contain confidential information. Disclaimer: views are those of the author.",
    "--------------------------------------------------\n添付ファイルはサーバーに保存されました。\nファイル名：申込書.xlsx\nサイズ：24KB\n"
    "ダウンロードURL：https://dl.naxtrade.example/f/ab12\n有効期限：2026/12/04 23:59\n--------------------------------------------------",
    "==================\n送信経路：社内中継サーバー\n承認者：管理 花子\n==================",
    "_____________________\n社内中継システムを経由しました",
    "This message is intended only for the addressee. If you received it in error, please delete it.",
    "※本メールは監査のため保存されます。",
    "P Please consider the environment before printing this e-mail.",
    "Virus-free. www.avast.com",
    "【ご注意】本メールは宛先以外への開示を禁じます。",
    "-----------------------------\nこのメールは誤送信防止システムを経由しています\n確認番号：12345\n-----------------------------",
    "添付ファイルは次のURLからダウンロードしてください。\nURL：https://dl.naxtrade.example/x\nパスワード：別途ご連絡\n有効期限：7日間",
    "このメールに含まれる情報は、意図された受信者のみを対象としています。誤って受信された場合は、直ちに送信者へご連絡のうえ削除願います。",
    "【個人情報の取扱いについて】\n当社の個人情報保護方針は https://www.naxtrade.example/privacy をご覧ください。\nこのメールに心当たりのない方は破棄してください。",
    "The information contained in this communication is confidential and may be legally privileged. If you are not the intended recipient, please notify the sender and delete this message.",
    "ウイルス フリーです。www.avast.com",
    "＜＜添付ファイル分離のお知らせ＞＞\n分離ファイル：登録証.pdf\nURL：https://bunri.naxtrade.example/?k=9\nダウンロード期限：2026年12月10日",
    "=== mail check ===\n送信元検証：OK\nウイルス検査：OK\n本メールはセキュリティゲートウェイを通過しました",
    "本電子メールおよび添付書類は、名宛人のみの利用を意図したものです。",
    "Scanned by MailGuard. No virus found in this message.",
    "※本メールアドレスは送信専用ではありませんので、ご返信いただけます。",
    "************************************\nThis email has been scanned by the Security Email service.\nFor more information please visit http://www.security.example\n************************************",
    "環境保護のため、このメールの印刷は必要な場合のみにしてください。",
    "[誤送信防止] このメールは5分間の保留後に送信されました。",
)
# Below a signature only: alone it might be what the person writes.
ADVERTS = (
    "■□■□■□■□■□\nナックス商事は創立50周年を迎えました\n■□■□■□■□■□",
    "~~~~~~~~~~~~~~~~\n年末年始は12月29日から1月3日まで休業いたします。\n~~~~~~~~~~~~~~~~",
    "★☆★☆★☆★☆\n展示会に出展します！ 2026年12月3日～5日 東京ビッグサイト\n★☆★☆★☆★☆",
    "＊＊＊＊＊＊＊＊＊＊＊＊\n【冬季休業】12/28～1/4\n＊＊＊＊＊＊＊＊＊＊＊＊",
)


def signature(choice: random.Random) -> str:
    """A signature: names, contact data or none, framed or not."""
    lines = "\n".join(filter(None, (choice.choice(NAMES), choice.choice(CONTACTS))))
    frame = choice.choice(FRAMES)
    if not frame:
        return lines
    if frame == "-- ":
        return f"-- \n{lines}"
    return f"{frame}\n{lines}\n{frame}"


def surrounded(words: str, choice: random.Random) -> str:
    """`words` as they may arrive: with a banner above, and a closing, a signature and footers below, or some of it."""
    above = [choice.choice(BANNERS)] if choice.random() < 0.4 else []
    below = [signature(choice)] if choice.random() < 0.85 else []
    below += [choice.choice(DEVICES)] if choice.random() < 0.3 else []
    below += [choice.choice(FOOTERS)] if choice.random() < 0.5 else []
    below += [choice.choice(ADVERTS)] if below and choice.random() < 0.1 else []
    text = choice.choice(GREETINGS) + words.rstrip("\n") + "\n" + choice.choice(CLOSINGS)
    return "\n\n".join([*above, text.strip("\n"), *below]) + "\n"
