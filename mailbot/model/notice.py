"""Notices: the mails that the desk sends.  Their kinds are named after the state entered, or after the event."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from mailbot.model.people import Charset, Language, Role


class NoticeKind(StrEnum):
    """The kind of a notice; the value is also the name of its template and its word in outbox and log."""

    RECEIVED = "received"  # 受付完了
    NEEDS_CONFIRMATION = "needs_confirmation"  # 確認依頼
    COMPLETED = "completed"  # 確認完了
    WITHDRAWN = "withdrawn"  # 取下げ受付
    LAPSED = "lapsed"  # 無効
    TAKEN_BACK = "taken_back"  # 承認取消: an approval was taken back, it is reviewed again
    DRAFT = "draft"  # 入力不備
    SAVED = "saved"  # 一時保存
    REVIEW_REQUEST = "review_request"  # 審査依頼
    DECISION = "decision"  # a carried-out decision, to the reviewers
    UPDATE = "update"  # what an applicant did meanwhile (withdrawn, say), to the reviewers
    ANSWER = "answer"  # any other answer to one mail
    ALERT = "alert"  # to the operator
    IN_EFFECT = "in_effect"  # 利用開始
    VIEW_ENDING = "view_ending"  # 参照期間終了間近
    REMINDER = "reminder"  # to the applicant side: an answer is awaited
    SECURITY = "security"  # to the 管理責任者: a password was displayed, a log-in locked out
    REVOKED = "revoked"  # to both people: an operator has revoked issued passwords
    CHALLENGE = "challenge"  # asks the registered address to confirm a mail
    INQUIRY = "inquiry"  # to a person behind the desk: what somebody wrote, to be answered by a reply
    MESSAGE = "message"  # … and that person's answer
    DIGEST = "digest"  # to a reviewer: every waiting application


_HEADERS = {NoticeKind.NEEDS_CONFIRMATION: "confirmation-request", NoticeKind.DRAFT: "invalid-input"}
# The values of the header X-Mailbot-Notice (specification of the interfaces, «Stable outputs»).
HEADER_VALUES: dict[NoticeKind, str] = {kind: _HEADERS.get(kind, kind.value.replace("_", "-")) for kind in NoticeKind}


@dataclass(frozen=True)
class Addressee:
    """The recipient of a notice, with the role in which they receive it."""

    role: Role
    email: str
    name: str = ""
    department: str = ""
    language: Language = Language.JA
    charset: Charset = Charset.UTF_8


@dataclass(frozen=True)
class Enclosure:
    """A file attached to a notice (a PDF form, a calendar file)."""

    name: str
    content_type: str  # type/subtype (RFC 2046)
    data: bytes
    parameters: Mapping[str, str] = field(default_factory=dict)  # … and its parameters


@dataclass(frozen=True)
class RenderedNotice:
    """The rendered content of a notice."""

    subject: str
    text: str
    html: str
    enclosures: tuple[Enclosure, ...] = ()
