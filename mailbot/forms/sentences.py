"""What a sentence means where no keyword stands on a line of its own.

What only asks or looks up is carried out from a sentence.  A sentence that decides never is: it is confirmed by a
keyword.  A negation, a question, a condition or other people's words in it mean that nothing can be confirmed.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from mailbot.lines import has_quote_mark
from mailbot.model.applicant_commands import ApplicantCommand
from mailbot.model.reviewer_keywords import ReviewerKeyword
from mailbot.text import nfkc

_LONGEST_SENTENCE = 120  # characters
_MOST_SENTENCES = 60
_LONGEST_TEXT = 20_000  # characters that are looked at
Name = TypeVar("Name")

_APPROVED = (
    r"承認(?:で|と|を|は|に|の方|の方で)?(?:し|いた|致|お願い|進め|くださ|可|する|済|です|させ|結構|大丈夫|問題|ok|オーケー|差し支え)|(?:本件|こちら|[、,はも]|^)承認(?:で)?$"
    r"|(?<![a-z])(?:ok|okay|lgtm|approved?)(?![a-z])|オッケー|オーケー|了承(?:し|いた|です)|可とし|問題(?:は)?(?:ござい|あり)ませ|問題(?:なし|ない)"
    r"|差し支え(?:ござい|あり)?(?:ませ|なし|ない)|(?:この|その)まま(?:で)?(?:進め|処理|お進め)|進めて(?:ください|下さい|もら|いただ|結構)|通して(?:ください|下さい)"
)
_ASKED = (
    r"確認依頼|差し?戻|修正(?:を|の)?(?:依頼|お願い|してもら)|(?:再|ご)?確認(?:を)?(?:お願い|してもら|して(?:くださ|いただ))|却下|不承認|否認"
    r"|返却|訂正(?:を)?(?:お願い|依頼)|不備|\breject(?:ed)?\b|\breturn(?:ed)?\b"
)
REVIEWER_MEANINGS: Mapping[ReviewerKeyword, re.Pattern[str]] = {
    ReviewerKeyword.APPROVE: re.compile(_APPROVED, re.I),
    ReviewerKeyword.ASK: re.compile(_ASKED, re.I),
    ReviewerKeyword.HOLD: re.compile(r"保留|(?:一旦|いったん|一時)(?:止め|停止)|on hold", re.I),
    ReviewerKeyword.TAKE: re.compile(
        r"(?:私|小職|当方|こちら)(?:が|で|の方で)[^。]{0,8}(?:担当|対応|引き受け)|引き受け(?:ます|いたし)", re.I
    ),
}
_WANTED = (
    r"[^。]{0,30}(?:送|くださ|下さ|頂け|いただけ|頂き|いただき|ほし|欲し|お願い|願い|教え|知り|見せ|希望|必要"
    r"|please|send|\?)"
)
# Right behind the thing: «記載例のとおりお願いします» and «スケジュールを調整のうえご連絡ください» ask for neither.
_ASKED_FOR = (
    r"(?:など)?(?:を|が|は|も|の(?:ご?送付|提供|ご?案内)を?|について)?[、 ]*"
    r"(?:至急|一度|一部|また|メールで|添付で|こちらに|ご|お)*"
    r"(?:送|下さ|くださ|頂|いただ|ほし|欲し|願い|教え|知り|見せ|見たい|希望|必要"
    r"|請求|案内|あります(?:でしょう|か)|ありませ"
    r"|ございま[すせ]|どこ|いつ|何日|どう(?:なって|すれば|したら)|知らせ)"
)
_START_DAY = r"(?:利用開始(?:可能)?日|システム登録日|申込締切日?|登録可能日)"
_FORGOTTEN = r"(?:忘れ|失念|分か[らり]|わか[らり]|不明|紛失|なくし|再発行|再設定|リセット|初期化|再通知|教えて)"
_TO_CHANGE = (
    r"(?:を|の|が)?(?:ご?登録)?(?:を|の)?(?:変更|修正|更新)"
    r"(?:を|に|の)?(?:した[いく]|希望|必要|方法|手続|手順|するには|する場合|お?願い|して(?:くださ|下さ|いただ|頂|ほし)"
    r"|でき|可能|はどう|について|したらよ)"
)
APPLICANT_DECISIONS: Mapping[ApplicantCommand, re.Pattern[str]] = {
    ApplicantCommand.WITHDRAW: re.compile(
        r"取り?下げ|取り?止め|取消|取り消|キャンセル|撤回|(?:申込み?|申請|手続き?)[^。]{0,12}(?:中止|不要|なかったこと|やめ)|\b(?:withdraw|cancel)",
        re.I,
    )
}
APPLICANT_REQUESTS: Mapping[ApplicantCommand, re.Pattern[str]] = {
    ApplicantCommand.OFFICE_PASSWORD: re.compile(
        rf"(?:事業所|ログイン(?:用|画面)?)の?パスワード[^。]{{0,12}}{_FORGOTTEN}|事業所(?:の)?パスワード{_TO_CHANGE}"
        r"|\b(?:forgot(?:ten)?|lost|reset|change)\b[^.]{0,20}\boffice password\b",
        re.I,
    ),
    ApplicantCommand.REGISTRATION: re.compile(
        rf"(?:(?:メール|e-?mail|Eメール)?アドレス|電話番号|ＦＡＸ番号|FAX番号|連絡先|登録(?:内容|情報)){_TO_CHANGE}"
        r"|\b(?:change|update)\b[^.]{0,20}\b(?:e-?mail address|address|(?:tele)?phone number|contact details)\b",
        re.I,
    ),
    ApplicantCommand.EXAMPLE: re.compile(
        rf"(?:(?:記載|記入|入力|書き方の)(?:例|見本|サンプル)|申込の見本|(?:様式|申込)の(?:見本|サンプル)){_ASKED_FOR}"
        r"|\b(?:send|show|give|see)\b[^.]{0,25}\b(?:filled-?in|completed|sample|example)\b",
        re.I,
    ),
    ApplicantCommand.SCHEDULE: re.compile(
        rf"(?:スケジュール|日程)表?{_ASKED_FOR}|{_START_DAY}の?(?:スケジュール|日程|一覧|予定)表?{_ASKED_FOR}"
        rf"|(?:次|次回|直近|最短|一番早い|最も早い|今後|これから)の?{_START_DAY}{_ASKED_FOR}"
        rf"|{_START_DAY}に?(?:は|を|として)?(?:いつが?|どの日が?|何日が?)?(?:選べ|指定でき|選択でき)"
        r"|\b(?:send|show|give|see)\b[^.]{0,25}\bschedule\b|\bnext (?:possible )?start (?:date|day)\b",
        re.I,
    ),
    ApplicantCommand.APPROVAL: re.compile(rf"承認通知{_WANTED}", re.I),
    ApplicantCommand.FORM: re.compile(
        rf"(?:様式|書式|フォーム|フォーマット|雛形|ひな形|テンプレート|\bform\b){_WANTED}", re.I
    ),
    ApplicantCommand.PAPER: re.compile(rf"申込書(?:の控え|の写し)?(?:の?PDF)?を?{_WANTED}", re.I),
    ApplicantCommand.CONTRACT: re.compile(rf"契約(?:内容|情報){_WANTED}", re.I),
    ApplicantCommand.NEWS: re.compile(rf"新着(?:情報)?{_WANTED}", re.I),
    ApplicantCommand.HELP: re.compile(rf"(?:使い方|書き方|ヘルプ|やり方|方法){_WANTED}", re.I),
    ApplicantCommand.STATUS: re.compile(
        rf"(?:進捗|進行状況|処理状況|審査状況|申込状況|受付状況|現在の状況|状況){_WANTED}|どうなって(?:い|お)|どのような状況|進んで(?:い|お)"
        r"|(?:進捗|状況)(?:は|の)?(?:いかが|どう)|いつ(?:頃|ごろ)?[^。]{0,12}(?:終わ|完了|届|でき|なり)[^。]{0,10}(?:か|\?)|(?:終わり|完了し|処理され)[^。]{0,8}(?:か|\?)",
        re.I,
    ),
}
_IN_BRACKETS = re.compile(r"「[^」]{0,60}」|『[^』]{0,60}』|“[^”]{0,60}”")
_NOT_MEANT = re.compile(
    r"ません|方法|教えて|ない|なく|なかっ|せず|ぬよう|しかね|かねます|見送|控え|待|不(?!備|足|明)|未|前に|後に|(?:した|なった|でき)ら|なら|れば|たら|場合|条件|ただ|但し"
    r"|べき|でしょうか|ですか|ますか|か(?:\s|$)|かどうか|か否か|[?？]|予定|つもり|思|はず|かも|もらえ|検討|相談|確認中|次第|とのこと|そうです|と(?:聞|言|い[いっ])"
    r"|可能性|\b(?:not|no|if|when|unless|whether|would|could|should|after|before|don.?t|can.?t|won.?t|never)\b",
    re.I,
)
_NO_APPROVAL = re.compile(r"不承認|承認通知|非承認|未承認")
_ROOTS = re.compile(r"承認|差し?戻|保留|確認依頼|却下|取り?下げ|修正依頼")
_DENIED = re.compile(r"[^:。]{0,6}(?:しません|せず|不要|なし|ない|ありません|いりません|か$|\?)")
_ELSEWHERE = re.compile(
    r"ただし|但し|なお、|まだ|もし|[?？]|でしょうか|ですか|ますか|の場合|であれば|検討中|確認中|相談中|\bif\b|\bbut\b",
    re.I,
)
_HESITANT = re.compile(
    r"まだ|未だ|(?:確認|検討|相談|審査|協議|調整|照会|考慮|問い?合わせ)(?:を)?(?:中|して(?:い|お)る|しています|しております)|お待ち(?:くださ|下さ|願)|待って"
    r"|見送|判断(?:が)?(?:でき|出来)|(?:分|わ)かりません|決ま|どうか(?:を|は|、|$)|べきか|でしょうか|ますか|ですか|[?？]|保留|そのまま(?:に|で)(?:して|お願い|おいて)"
    r"|しないで|しません|できません|出来ません|とのこと|と(?:言|い)って|と聞いて|\b(?:not|still|wait|pending"
    r"|yet|under review|checking)\b",
    re.I,
)
# A line below a keyword with which it is one sentence: `承認` / `でよろしいでしょうか`, `取下げ` / `はしません`.
_CONTINUES = re.compile(
    r"\s*(?:で(?!は|も|き|す(?!か))|と(?!て|も|り|こ|き|く|い)|を|が(?!ん)|は(?![いじ])|に(?!て)|の(?!ち)|も(?![しうのっち])|か[。?？\s]*$"
    r"|待ち|不可|見送|予定(?:で|$)|(?:前|後)[にでの]|し(?:な|ませ|かね|ても?よ|てい?い|たい|ましょ)|でき(?:な|ませ|ますか)|すべき|する(?:か|前|と|つもり|予定|場合)"
    r"|して(?:も|良|よ|い))"
)
# Words below an approval that take it back, ask, or make it depend on something.
_QUALIFIES = re.compile(
    r"[?？]|でしょうか|ますか|ですか|ませんか|どうか(?:は|を|、)|まだ|未だ|やはり|やっぱり|保留|見送|差し?戻|却下|不承認|取り消|取消|撤回|早まり|間違え"
    r"|条件(?:です|とし|付|つき|で)|(?:であれば|なら|たら|れば)[^。]{0,6}承認|前提(?:です|とし|で)|承認(?:は|が)?(?:しな|しませ|でき(?:な|ませ)|しかね)"
    r"|(?:確認|検討|相談|協議|照会)中|\b(?:provided|on condition|unless|if|not yet|pending|on hold)\b",
    re.I,
)
# Words below a decision for a part of the application, for another day, or of somebody else.
_PARTLY = re.compile(
    r"[(（][^)）\n]{0,10}(?:予定|仮|案|(?:検討|相談|確認)中)[^)）\n]{0,4}[)）]|一部(?:を|の)?(?:のみ|だけ|承認|取り?下げ|除)"
    r"|部分的?に?承認"
    r"|(?:[A-Z0-9]{3,8}|ID|番号|片方|[前後]者)(?:分|の方|について)?(?:は|を|も)?(?:のみ|だけ|以外|除|対象外|不可|認め|NG)"
    r"|(?:さん|様|氏|長)(?:の|から|より)の?(?:判断|回答|意見|返信|コメント|見解)",
    re.I,
)
_TAKEN_BACK = re.compile(r"(?:検討|相談|協議)中|やはり|やっぱり|撤回|(?:そのまま|続けて)[^。\n]{0,12}(?:進め|お願い)")
# Lines around a field that make it an example or a question: `例えば` / `備考：急ぎ` / `のように書けばよいですか`.
_SUPPOSED = re.compile(
    r"^[^\S\n]*(?:例えば|たとえば|もし|仮に|万が?一)[^:：\n]{0,40}$"
    r"|^[^\S\n]*(?:のよう(?:に|な)|と(?:書|記|変更|修正)|という(?:ふう|風|よう|書き方|形|内容)|(?:に|へ)(?:変更|修正|訂正)(?:でき|する(?:と|場合|に|べ)|した(?:ら|場合)|しても))"
    r"|^[^:：\n]{1,40}[:：][^\n]{0,200}(?:でしょうか|ですか|ますか|[?？])[。.]?[^\S\n]*$",
    re.M,
)
_ADDRESS_OR_NUMBER = re.compile(r"[^\s@]@[^\s@]|(?<![0-9A-Za-z-])0[0-9() -]{8,15}[0-9]")
_LABEL = re.compile(r"^\s*([^\s:：]{2,12})\s*[:：]\s*(\S.*)$")


@dataclass(frozen=True)
class Meaning(Generic[Name]):
    """What one sentence means.  `rest`: the other words of the mail, from that sentence on."""

    name: Name
    sentence: str
    rest: str = ""


def is_hesitant(text: str) -> bool:
    """Whether words say that nothing is decided yet, or ask, or repeat what others said."""
    return _HESITANT.search(nfkc(text[-_LONGEST_TEXT:])) is not None


def continues_keyword(below: Sequence[str]) -> bool:
    """Whether the first of the lines below a keyword goes on with it as one sentence: the keyword is none then."""
    following = next((line for line in below if line.strip()), "")
    return _CONTINUES.match(nfkc(following[:_LONGEST_SENTENCE])) is not None


def qualifies_approval(text: str) -> bool:
    """Whether words beside an approval ask something, take it back or name a condition: it is not certain then."""
    flat = nfkc(text[:_LONGEST_TEXT])
    return _QUALIFIES.search(flat) is not None or _PARTLY.search(flat) is not None


def qualifies_withdrawal(text: str) -> bool:
    """Whether words below a withdrawal take it back, or mean a part of the application only."""
    flat = nfkc(text[:_LONGEST_TEXT])
    return _TAKEN_BACK.search(flat) is not None or _PARTLY.search(flat) is not None


def is_supposed(text: str) -> bool:
    """Whether fields of a form in `text` are an example or a question, and no change that is meant."""
    return _SUPPOSED.search(text[:_LONGEST_TEXT]) is not None


def decision_meant(text: str, meanings: Mapping[Name, re.Pattern[str]]) -> Meaning[Name] | None:
    """The one decision that the sentences of `text` mean, for asking whether it is meant; None when they do not."""
    found: list[Meaning[Name]] = []
    for sentence, following in _sentences(text):
        for name, pattern in meanings.items():
            match = pattern.search(sentence)
            if match is None:
                continue
            if name == ReviewerKeyword.APPROVE and _NO_APPROVAL.search(sentence):
                continue
            if len({root[0] for root in _ROOTS.findall(sentence)}) > 1:
                return None  # 承認→差戻し
            outside = sentence[: match.start()] + " " + sentence[match.end() :]
            behind = sentence[match.end() : match.end() + 12]
            if _NOT_MEANT.search(outside) if name != ReviewerKeyword.ASK else _DENIED.match(behind):
                return None
            if pattern.search(_IN_BRACKETS.sub("", sentence)) is None and _IN_BRACKETS.sub("", sentence).strip():
                return None  # somebody's words are quoted in the sentence
            found.append(Meaning(name, sentence, _rest(sentence, following)))
    names = {one.name for one in found}
    if len(names) != 1:
        return None
    elsewhere = nfkc(text[:_LONGEST_TEXT]).replace(found[0].sentence, "")
    if found[0].name != ReviewerKeyword.ASK and _ELSEWHERE.search(elsewhere):
        return None
    return found[0]


def has_address_or_number(text: str) -> bool:
    """Whether `text` has a mail address, or a number as long as a telephone's."""
    return _ADDRESS_OR_NUMBER.search(nfkc(text[:_LONGEST_TEXT])) is not None


def request_meant(text: str, meanings: Mapping[Name, re.Pattern[str]]) -> Meaning[Name] | None:
    """The first request for something that is only sent: a form, a state, a paper."""
    for sentence, _ in _sentences(text):
        for name, pattern in meanings.items():
            if pattern.search(sentence):
                return Meaning(name, sentence)
    return None


def _sentences(text: str) -> list[tuple[str, str]]:
    """(sentence, the text behind it), of those that are short enough to be one."""
    flat = nfkc(text[:_LONGEST_TEXT])
    found: list[tuple[str, str]] = []
    for match in re.finditer(r"[^。!！\n]+", flat):
        sentence = match.group().strip()
        if 1 < len(sentence) <= _LONGEST_SENTENCE and not has_quote_mark(sentence):
            found.append((sentence, flat[match.end() :].lstrip("。!！")))
        if len(found) >= _MOST_SENTENCES:
            break
    return found


def _rest(sentence: str, following: str) -> str:
    """The words behind a decision: those behind a colon in its sentence, and the sentences below."""
    label = _LABEL.match(sentence)
    return "\n".join(filter(None, (label[2].strip() if label else "", following.strip())))
