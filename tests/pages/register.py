"""docs/reference/register.md: every column of a register file, from the shapes that read one."""

from mailbot.model.common_fields import contact_field
from mailbot.model.people import Language
from mailbot.register_files.register_shapes import ENTRY_SHAPES, flat_names
from mailbot.register_files.register_spreadsheet import COLUMNS

_ENTRIES = {
    "OfficeShape": ("office", "[[office]]", "事業所"),
    "AdministratorShape": ("administrator", "[office.administrator]", "管理責任者, one of each office"),
    "ApplicantContactShape": ("contact", "[[office.contact]]", "申込担当者, who may apply"),
    "UserCodeShape": ("user_code", "[[office.user_code]]", "利用者コード"),
    "UserIdShape": ("user_id", "[[office.user_code.user_id]]", "利用者ID"),
    "MailboxShape": ("mailbox", "[[office.mailbox]]", "メールボックス"),
    "ReviewerShape": ("reviewer", "[[reviewer]]", "審査担当者"),
}
_PERSON = {
    "name": "氏名",
    "kana": "氏名（フリガナ）",
    "phone": "電話番号; digits and hyphens, kept as digits; text, or a spreadsheet program drops its leading 0",
    "fax": "FAX番号, as phone",
    "email": "E-mailアドレス: what tells one person of an office from another; another address is another person",
    "department": "所属部課名",
    "title": "役職名",
}
_OF_ENTRY: dict[str, dict[str, str]] = {
    "office": {
        "code": "事業所コード: 6 letters and digits, as NAC001; not 000000, which is that of the 記載例",
        "company": "会社名",
        "company_en": "会社名（英字）",
        "name": "事業所名",
        "name_en": "事業所名（英字）",
        "address": "所在地",
        "customs": "管轄税関, as 東京税関",
        "division": "システム区分: 海上, 航空, 共用 or empty",
        "billing_code": "請求先コード; ID通知内容 and 契約内容 show it",
        "language": "of the notices: ja (default) or en; an empty cell changes nothing",
        "charset": "of the notices: utf-8 (default) or iso-2022-jp; an empty cell changes nothing",
        "password": "事業所パスワード in clear: hashed (argon2id) when it is imported, stored and shown nowhere; empty: stays",
        "password_hash": "its argon2id hash, as exported; empty: stays",
    },
    "administrator": _PERSON,
    "contact": _PERSON,
    "user_code": {
        "code": "利用者コード: 5 letters and digits, as 1ANAC; not 00000, which is that of the 記載例",
        "business": "業種",
        "division": "区分: 海上, 航空 or 共用",
        "responsible": "業務責任者名",
        "shared_with": "事業所コード of the other offices that use the code; in a spreadsheet separated by blanks",
    },
    "user_id": {
        "number": "識別番号: 3 letters and digits, as A0A",
        "method": "処理方式: net, web, インタ, インタ・POP3併用, SMTP/POP3, SMTP双方向, EDIFACT or 自社システム用",
        "start": "利用開始日: 2020-04-01, in a spreadsheet also 2020/4/1",
        "end": "the first day on which it no longer works",
        "paid_statistics": "管理統計資料 有料分: true or false; in a spreadsheet ○ or empty",
        "free_statistics": "管理統計資料 無料分, the same",
        "bonded_archive": "保税管理資料保存サービス, the same; refused without paid_statistics",
    },
    "mailbox": {
        "id": "メールボックスID: 事業所コード and 2 digits, as NAC00101",
        "kind": "メール種別: SMTP/POP3 or EDIFACT",
    },
    "reviewer": {
        "name": "氏名",
        "email": "E-mailアドレス, which tells one reviewer from another",
        "categories": "A, B, C: the letters of the receipt numbers that the reviewer decides; in a spreadsheet separated by blanks",
        "deputy": "address of the reviewer who takes over during an absence",
    },
}

_HEAD = """\
# Columns of a register file

Generated from `mailbot/register_files/`; [how to import and export one](../how-to/register.md).

A `.toml` file has an entry for each row, with the columns as keys; a `.csv` (UTF-8) or `.xlsx` file has one table, whose first row names the columns, in any order.
There, `entry` says what a row is, `office` whose it is (not in rows of `office` and `reviewer`), and `user_code` under which 利用者コード a `user_id` is; what belongs to
another row stands below it. All cells are text.

A column that the file does not have, and a key that a TOML entry does not have, leaves what is registered; an empty cell, or `""`, empties it. A column with another name is refused.

"""
_FOOT = """\
## written

What `register export` writes first, and an import needs in order to know what has changed since: `written_at` (in a spreadsheet the `name` of the row `written`), since when
what the desk changes is newer than the file (five minutes before it was written: a transaction may have been open then), and `last_import` (`number`), the import that it follows. Leave both.

## Order of the columns in a spreadsheet

"""


def _about(entry: str, name: str) -> str:
    """What a column is; of a person's attribute that is not described above, the label of its field."""
    described = _OF_ENTRY[entry]
    return described[name] if described is not _PERSON or name in _PERSON else contact_field(name).labels[Language.JA]


def register_page() -> str:
    """The page.  Raises KeyError for a column that is not described above."""
    parts = [_HEAD]
    for shape in ENTRY_SHAPES:
        entry, toml, what = _ENTRIES[shape.__name__]
        parts.append(f"## {entry}\n\n{what}; in TOML `{toml}`.\n\n| column | must be filled | |\n|---|---|---|\n")
        for name in flat_names(shape):
            parts.append(
                f"| `{name}` | {'yes' if shape.model_fields[name].is_required() else ''} | {_about(entry, name)} |\n"
            )
        parts.append("\n")
    return "".join(parts) + _FOOT + ", ".join(f"`{name}`" for name in COLUMNS) + "\n"
