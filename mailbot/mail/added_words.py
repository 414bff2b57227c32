"""The words by which text that was added to a mail is known: about the mail itself, its origin, a device, a file."""

import re

from mailbot.patterns import any_of

_MARKED = r"^[\W_]*"
BANNER_START = re.compile(
    _MARKED + r"(?:【?(?:ご?注意|警告|重要|お知らせ|外部|社外|組織外|学外|庁外|メッセージ|差出人|送信元|送信者)"
    r"|(?:こ|当|本)の?(?:電子)?(?:メール|メッセージ)|caution|warning|attention|notice|alert|important|external|\[ext"
    r"|一部のユーザーは|[^\s@]{1,64}@[^\s@]{1,80}[ 　]?からの?(?:電子)?メールを受け(?:取|と)ること"
    r"|this (?:e-?mail|message)|you don.t often|be careful|do not (?:open|click))",
    re.I,
)
ABOUT_ORIGIN = re.compile(
    r"(?:社|組織|部|外|学|庁|貴社|弊社)外|外部|見知らぬ|信頼できる|送信者(?:を|に|が)|なりすまし|フィッシング"
    r"|受け(?:取|と)ること(?:が|は)(?:あまり|めったに|ほとんど|多く)"
    r"|external|outside|unknown|originat|phishing|trust|recogni[sz]e|often get|suspicious",
    re.I,
)
ABOUT_CONTENT = re.compile(
    r"心当たり[^\n]{0,30}(?:開封|開か|破棄|削除)|(?:添付|リンク|URL|link|attachment)[^\n]{0,60}(?:注意|開か|開く|クリック|確認|open|click|care|caution|unless)"
    r"|(?:open|click)[^\n]{0,40}(?:link|attachment)",
    re.I,
)
SCANNED = re.compile(
    r"(?:ウイルス|ウィルス|マルウェア|スパム|迷惑メール|virus|malware|spam)[^\n]{0,40}"
    r"(?:スキャン|検査|チェック|検出|判定|フリー|対策|scan|check|free|detect)|avast|アバスト|www\.avg\.|"
    r"(?:mail|message) (?:was|has been) scanned|"
    r"(?:scanned|checked)[^\n]{0,40}(?:virus|malware|\bok\b|clean|safe)",
    re.I,
)
_THIS_MAIL = (
    r"(?:(?:本|この|当|上記の?)(?:電子)?(?:メール|メッセージ|通信)"
    r"|(?:this|the)\s(?:e-?mail|message|communication|transmission))"
)
ABOUT_THIS_MAIL = re.compile(
    _THIS_MAIL + r"[^\n]{0,120}(?:機密|秘密|守秘|個人情報|宛先|名宛人|受信者|誤|破棄|削除|開示|複製|転載"
    r"|無断|監査|保存|記録|経由|送信専用"
    r"|暗号|検閲|責任|confidential|privileged|intended|disclos|recipient|proprietary|legal|error|delete|archiv|monitor)"
    r"|(?:confidential|privileged|intended (?:only|solely)|received[^\n]{0,30}in error)[^\n]{0,120}"
    r"(?:e-?mail|message|communication)"
    r"|免責|disclaimer|誤送信(?:防止|対策)|誤って(?:本|この|当)?(?:メールを)?(?:受信|送信|届)|送信専用(?:です|アドレス)|中継(?:システム|サーバ)"
    r"|環境(?:保護|への配慮)[^\n]{0,40}印刷|consider the environment|before printing|配信停止|unsubscribe"
    r"|(?:メール)?(?:ゲートウェイ|フィルタ)[^\n]{0,30}(?:経由|通過)",
    re.I,
)
NOTE = re.compile(r"note|n\.b\.|注|注記", re.I)  # above a footer, and a name of 備考
TAKEN_FILE = re.compile(
    r"(?:添付|ファイル|attach|file)[^\n]{0,40}(?:サーバ|保存|分離|ダウンロード|保管|リンク|URL|期限|download|link|server|expire)"
    r"|(?:ダウンロード|download)[^\n]{0,12}(?:URL|リンク|期限|link|https?:)|大容量|セキュア(?:ファイル)?便|ファイル転送",
    re.I,
)
_DEVICE_WORD = (
    r"(?:iphone|ipad|ios|android|スマートフォン|スマホ|携帯|galaxy|xperia|pixel|aquos|arrows|\bau\b|docomo|ドコモ|ソフトバンク|softbank|ahamo"
    r"|楽天|rakuten|outlook|メール|mail|spark|yahoo|windows|mac|huawei|xiaomi|oppo|surface|thunderbird|samsung|アプリ|モバイル|mobile"
    r"|blackberry|edison|proton|becky|shuriken|端末|タブレット|tablet|line works|phone|device|teams|client"
    r"|クライアント)"
)
DEVICE = re.compile(
    r"^\W{0,10}(?:"
    rf"(?=[^\n]{{0,60}}{_DEVICE_WORD})[^をにへ。\n]{{1,45}}(?:から|で|より|にて)(?:の)?送信(?:しました|しています|されました|です)?"
    rf"|(?=[^\n]{{0,60}}{_DEVICE_WORD})[^。\n]{{1,45}}を(?:取得|入手|ダウンロード|インストール)(?:する|してください)?"
    rf"|get\s[^\n]{{0,20}}{_DEVICE_WORD}[^\n]{{0,40}}|download\s[^\n]{{0,20}}{_DEVICE_WORD}[^\n]{{0,40}}"
    r"|(?:sent|mailed) (?:from|with|via|using|by)\b[^\n]{1,50}|(?:outlook|mail) for (?:ios|android|mac"
    r"|windows)[^\n]{0,30}"
    r"|yahoo!?\s?(?:メール|mail)[^。\n]{0,30}|スマ(?:ホ|ートフォン)から(?:失礼|の返信)[^\n]{0,10}"
    r"|envoyé (?:de|depuis)\b[^\n]{1,40}|von meinem\b[^\n]{1,40}gesendet|gesendet (?:von|mit)\b[^\n]{1,40}"
    r"|enviado desde\b[^\n]{1,40}|inviato da\b[^\n]{1,40}|发自我的[^\n]{1,30}|[^\n]{1,20}에서 (?:보냄|보낸)[^\n]{0,10}"
    r")\s{0,5}(?:<https?://[^\n>]{0,300}>|https?://\S{1,300})?\W{0,10}"
    r"(?:(?:誤字|脱字|乱文|短文|簡潔|返信が遅)[^\n]{0,40})?$",
    re.I,
)
# What a line has that DEVICE matches: whether it does is costly to find out.
MAY_BE_DEVICE = any_of(
    *("送信", "を取得", "を入手", "をダウンロード", "をインストール", "スマ", "sent", "mailed", "yahoo", "outlook for"),
    *(
        r"get\s",
        r"download\s",
        "mail for",
        "envoyé",
        "von meinem",
        "gesendet",
        "enviado",
        "inviato",
        "发自我的",
        "에서",
    ),
)
URL = re.compile(r"https?://|\bwww\.[^\s]+\.|<mailto:", re.I)
SENTENCE_END = re.compile(r"[。]|(?:です|ます|した|ません|ください|下さい)\W*$")  # of a person's words
