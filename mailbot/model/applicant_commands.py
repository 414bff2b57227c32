"""The commands that an applicant writes, one row each; their descriptions stand in templates/names.*.j2."""

from dataclasses import dataclass
from enum import StrEnum

from mailbot.model.lifecycle import Event
from mailbot.model.written_words import WrittenWords


class ApplicantCommand(StrEnum):
    """The name of a command, as it is stored with a mail.  Each has a row in APPLICANT_COMMANDS."""

    FORM = "form"
    EXAMPLE = "example"
    SCHEDULE = "schedule"
    CORRECT = "correct"
    WITHDRAW = "withdraw"
    SAVE = "save"
    STATUS = "status"
    CONTRACT = "contract"
    NEWS = "news"
    PAPER = "paper"
    APPROVAL = "approval"
    REGISTRATION = "registration"
    OFFICE_PASSWORD = "office_password"  # noqa: S105
    HELP = "help"


@dataclass(frozen=True, kw_only=True)
class ApplicantCommandRow(WrittenWords):
    """One row of APPLICANT_COMMANDS."""

    name: ApplicantCommand
    event: Event | None = None  # that it carries out; None: it only asks for information


# In the order in which the help lists them.
APPLICANT_COMMANDS: tuple[ApplicantCommandRow, ...] = (
    ApplicantCommandRow(name=ApplicantCommand.FORM, japanese=("様式", "フォーム", "申込書式"), english=("form",)),
    ApplicantCommandRow(name=ApplicantCommand.EXAMPLE, japanese=("記載例", "記入例"), english=("example", "examples")),
    ApplicantCommandRow(
        name=ApplicantCommand.SCHEDULE,
        japanese=("スケジュール", "スケジュール表", "利用開始日のスケジュール"),
        english=("schedule",),
    ),
    ApplicantCommandRow(
        name=ApplicantCommand.CORRECT,
        japanese=("修正", "訂正", "修正します", "訂正します", "修正いたします"),
        english=("fix", "correct", "correction"),
        event=Event.CORRECT,
    ),
    ApplicantCommandRow(
        name=ApplicantCommand.WITHDRAW,
        japanese=("取下げ", "取り下げ", "取下", "取下げます", "取り下げます", "取下げ依頼", "取下げ希望"),
        english=("withdraw",),
        event=Event.WITHDRAW,
    ),
    ApplicantCommandRow(name=ApplicantCommand.SAVE, japanese=("一時保存",), english=("save",), event=Event.SAVE),
    ApplicantCommandRow(name=ApplicantCommand.STATUS, japanese=("状況", "状況確認"), english=("status",)),
    ApplicantCommandRow(
        name=ApplicantCommand.CONTRACT, japanese=("契約内容", "契約内容の確認", "契約情報"), english=("contract",)
    ),
    ApplicantCommandRow(name=ApplicantCommand.NEWS, japanese=("新着", "新着情報"), english=("news",)),
    ApplicantCommandRow(name=ApplicantCommand.PAPER, japanese=("申込書", "変更申込書"), english=("application form",)),
    ApplicantCommandRow(name=ApplicantCommand.APPROVAL, japanese=("承認通知", "承認通知書"), english=("approval",)),
    ApplicantCommandRow(
        name=ApplicantCommand.REGISTRATION,
        japanese=("登録変更", "登録内容の変更", "メールアドレスの変更", "電話番号の変更"),
        english=("change of address",),
    ),
    ApplicantCommandRow(
        name=ApplicantCommand.OFFICE_PASSWORD,
        japanese=("事業所パスワード", "事業所パスワードを忘れました", "事業所パスワードの再設定"),
        english=("office password",),
    ),
    ApplicantCommandRow(name=ApplicantCommand.HELP, japanese=("ヘルプ", "使い方"), english=("help",)),
)
