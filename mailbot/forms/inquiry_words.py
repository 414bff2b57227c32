"""What words without a form or a keyword are: a mere courtesy, a concern, or something for a person to read."""

import re
from collections.abc import Iterable, Sequence

from mailbot.forms.keyword_lines import word_table
from mailbot.model.keyword_words import DONE_WORDS, keyword_in
from mailbot.patterns import any_of
from mailbot.text import fold_word, nfkc, without_blanks

LONGEST_COURTESY = 400  # characters: whoever writes more wants to say something
_SENTENCE_END = re.compile(r"[。．!！\n]+|(?<=[a-z])[.,]\s")
_THANKS = re.compile(
    r"(?:(?!です|ます|ません|ください|下さい|たい|ない|[0-9a-z]|取下|取り下|承認|修正|訂正|保留|待)[^?？]){0,25}(?:(?:ありがとう|有難う|有り難う)(?:ござい(?:ます|ました))?|御礼申し上げます|お礼申し上げます"
    r"|感謝(?:(?:いた|致)?します|申し上げます|しております)|(?:大変|とても)?助かりました|恐れ入ります"
    r"|thanks?(?:you)?(?:very|somuch|verymuch|alot|again|foryour(?:help|reply|support|mail))*)"
)
_PLEASANTRY = (
    r"(?:内容|メール|上記|下記|ご連絡|通知|お知らせ|本件|件|受付|完了|の|を|は|に|、|無事|確かに|たしかに|すべて)*"
)
_ACKNOWLEDGED = re.compile(
    rf"{_PLEASANTRY}(?:承知|了解|受領|拝受|拝見)(?:(?:いた|致)?し(?:ました|ます)|です|しました)?"
    rf"|{_PLEASANTRY}(?:かしこまりました|畏まりました|わかりました|分かりました|受け取りました)"
    r"|(?:noted|understood|gotit|received|ok|okay)"
)
_CHECKED = re.compile(rf"{_PLEASANTRY}確認(?:(?:いた|致)?し|でき)ました")
_POLITE = re.compile(
    r"(?:いつも|大変|平素より)?お世話になって(?:おります|います)|お世話になります|お疲れ(?:様|さま)です"
    r"|(?:今後とも|引き続き|どうぞ|何卒|以上)?[、,]?(?:どうぞ|何卒)?(?:よろしく|宜しく)(?:お願い(?:いた|致)?します|お願い申し上げます)?"
    r"|以上(?:です)?|取り急ぎ(?:お礼|御礼)?(?:まで|申し上げます)?|(?:best|kind)?regards|hello|dear.{0,20}"
)
_NOT = r"(?:ない|ありません|ございません|ないです|無い|なく)"
_CONCERNS = (
    re.compile(rf"(?:心当たり|心あたり|身に覚え|見覚え|記憶)(?:が|は|も|の|に)?(?:全く|まったく|一切)?{_NOT}"),
    re.compile(
        r"(?:申し?込み?|申請|依頼|操作|ログイン|参照|取下げ)[^。\n]{0,15}?"
        r"(?:して|行って|行なって|出して|した覚えは?|した記憶は?)(?:は)?(?:い|お|あ)?(?:ません|りません|ない)"
    ),
    re.compile(
        r"(?:していない|出していない|行っていない|覚えのない|身に覚えのない|心当たりのない)(?:申し?込み?|申請|操作|ログイン|参照)"
    ),
    re.compile(r"不正(?!な?(?:値|文字|形式|書式)|確|解|では|は(?:な|あり))"),
    re.compile(
        r"(?:漏えい|漏洩|ろうえい|流出|乗っ取|のっとり|なりすま|成りすま|盗まれ|悪用)(?!(?:は|の事実は)?(?:していません|していない|ありません|ございません|な[いし]))"
    ),
    re.compile(
        r"\b(?:unauthori[sz]ed|fraud|leaked|stolen|compromised|hacked"
        r"|(?:did not|didn't|never) (?:apply|request|log ?in|do this)|not (?:made|sent|requested) by us)\b"
    ),
)
# What each of them has, without blanks: most texts have none of it.
_MAY_BE_CONCERN = any_of(
    *("ません", "ない", "無い", "なく", "不正", "漏え", "漏洩", "ろうえい", "流出", "乗っ取", "のっとり", "なりすま"),
    *("成りすま", "盗まれ", "悪用", "unauthori", "fraud", "leaked", "stolen", "compromised", "hacked", "not", "didn"),
    "never",
)
_DONE = word_table([("done", DONE_WORDS)])
_NOT_YET = re.compile(r"まだ|未だ|これから|not yet")


def is_courtesy(text: str, names: Iterable[str] = (), *, answers_question: bool = False) -> bool:
    """Whether `text` is a mere thank-you or 承知しました, with nothing that anybody has to read.

    `names`: of the sender and the office, whose lines say nothing.  `answers_question`: the sender was asked to check
    something, so that 確認しました is an answer.
    """
    if len(text) > LONGEST_COURTESY or re.search(r"[?？]", text):
        return False
    own = [part for name in names for part in re.split(r"[\s　]+", nfkc(name)) if len(part) > 1]
    known = re.compile("|".join(re.escape(fold_word(part)) for part in own)) if own else None
    courteous = False
    for sentence in _SENTENCE_END.split(nfkc(text).casefold()):
        flat = fold_word(sentence).strip("、,.・ー-~")
        if not flat or _POLITE.fullmatch(flat) or (known is not None and len(flat) <= 40 and _is_name(flat, known)):
            continue
        if _CHECKED.fullmatch(flat) and answers_question:
            return False
        if not (_THANKS.fullmatch(flat) or _ACKNOWLEDGED.fullmatch(flat) or _CHECKED.fullmatch(flat)):
            return False
        courteous = True
    return courteous


def _is_name(flat: str, known: re.Pattern[str]) -> bool:
    """A line that says who writes: what is left beside the names is short and polite."""
    rest = known.sub("", flat)
    return rest != flat and len(rest) <= 12 and re.search(r"ません|ない|ください|たい|でしょう", rest) is None


def is_done(lines: Sequence[str]) -> bool:
    """Whether a reader's reply says only that no answer is needed (済)."""
    return len(lines) == 1 and keyword_in(lines[0]) in _DONE


def is_concern(text: str) -> bool:
    """Whether `text` says that something happened that its sender did not do, or that something has leaked."""
    folded = nfkc(text).casefold()
    if _MAY_BE_CONCERN.search(without_blanks(folded)) is None:
        return False
    for sentence in re.split(r"[。．!！\n]+", folded):
        flat = re.sub(r"[\s　]+(?=[^a-z])", "", sentence)
        if _MAY_BE_CONCERN.search(flat) is None:
            continue
        if any(concern.search(flat) for concern in _CONCERNS) and not _NOT_YET.search(flat):
            return True
    return False
