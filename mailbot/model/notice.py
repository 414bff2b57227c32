"""The kinds of mail that the desk writes: named after the state just entered, or after the event."""

from dataclasses import dataclass
from enum import StrEnum

from mailbot.model.people import Charset, Language, Role


class NoticeKind(StrEnum):
    """One word for table, function, template, test and log."""

    RECEIVED = "received"  # 受付完了
    NEEDS_CONFIRMATION = "needs_confirmation"  # 確認依頼
    COMPLETED = "completed"  # 確認完了
    WITHDRAWN = "withdrawn"  # 取下げ受付
    LAPSED = "lapsed"  # 無効
    DRAFT = "draft"  # 入力不備
    REVIEW_REQUEST = "review_request"  # 審査依頼
    DECISION = "decision"  # a carried-out decision, to the reviewers
    UPDATE = "update"  # what an applicant did meanwhile (withdrawn, say), to the reviewers
    ANSWER = "answer"  # anything else that answers one mail
    ALERT = "alert"  # to the operator
    IN_EFFECT = "in_effect"  # 利用開始
    VIEW_ENDING = "view_ending"  # 参照期間終了間近
    REMINDER = "reminder"  # to reviewers: something waits; to the applicant side: an answer is awaited
    SECURITY = "security"  # to the 管理責任者: a password was looked at, a log-in paused
    CHALLENGE = "challenge"  # did you write this?
    DIGEST = "digest"  # to a reviewer: everything that waits


_HEADERS = {NoticeKind.NEEDS_CONFIRMATION: "confirmation-request", NoticeKind.DRAFT: "invalid-input"}
# The values of the header X-Mailbot-Notice (specification of the interfaces, «Stable outputs»).
HEADER_VALUES: dict[NoticeKind, str] = {kind: _HEADERS.get(kind, kind.value.replace("_", "-")) for kind in NoticeKind}


@dataclass(frozen=True)
class Addressee:
    """To whom a notice goes, and in which part."""

    role: Role
    email: str
    name: str = ""
    department: str = ""
    language: Language = Language.JA
    charset: Charset = Charset.UTF_8


@dataclass(frozen=True)
class Enclosure:
    """A file that goes with a notice: a paper."""

    name: str
    content_type: str
    data: bytes


@dataclass(frozen=True)
class Words:
    """A notice as it was written: what people will read."""

    subject: str
    text: str
    html: str
    enclosures: tuple[Enclosure, ...] = ()
