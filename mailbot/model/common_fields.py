"""The fields that every application carries (domain, «The four procedures»), and the checks on single fields."""

from collections.abc import Iterable

from mailbot.model.people import ApplicantContact, Language, attribute_names
from mailbot.model.procedure import Field, FieldKind, Filled, Finding, Section


def _labels(ja: str, en: str) -> dict[Language, str]:
    return {Language.JA: ja, Language.EN: en}


HEAD_FIELDS = (
    Field(
        "procedure",
        _labels("手続", "Procedure"),
        FieldKind.LINE,
        Section.HEAD,
        aliases=("手続き", "手続名", "手続種別", "申込種別", "申込の種類"),
    ),
    Field(
        "office",
        _labels("事業所コード", "Office code"),
        FieldKind.CODE,
        Section.HEAD,
        required=True,
        aliases=("事業所CD", "事業所", "ログインID", "office"),
    ),
)

# One for each attribute of ApplicantContact, called contact_ATTRIBUTE, and the address once more.
CONTACT_FIELDS = (
    Field(
        "contact_name",
        _labels("氏名", "Name"),
        FieldKind.LINE,
        Section.CONTACT,
        required=True,
        max_length=60,
        aliases=("申込担当者氏名", "申込担当者名", "お名前", "名前", "担当者氏名", "担当者名"),
    ),
    Field(
        "contact_kana",
        _labels("氏名（フリガナ）", "Name (kana)"),
        FieldKind.KANA,
        Section.CONTACT,
        required=True,
        max_length=60,
        aliases=("氏名フリガナ", "フリガナ", "ふりがな", "カナ", "氏名カナ"),
    ),
    Field(
        "contact_department",
        _labels("所属部課名", "Department"),
        FieldKind.LINE,
        Section.CONTACT,
        max_length=60,
        aliases=("所属部署名", "所属", "部署", "部署名", "所属部課"),
    ),
    Field(
        "contact_title",
        _labels("役職名", "Title"),
        FieldKind.LINE,
        Section.CONTACT,
        max_length=60,
        aliases=("役職", "職位"),
    ),
    Field(
        "contact_phone",
        _labels("電話番号", "Phone"),
        FieldKind.PHONE,
        Section.CONTACT,
        required=True,
        aliases=("電話", "TEL", "連絡先電話番号", "phone number", "telephone"),
    ),
    Field(
        "contact_fax",
        _labels("FAX番号", "Fax"),
        FieldKind.PHONE,
        Section.CONTACT,
        aliases=("FAX", "ファックス", "ファクス番号", "fax number"),
    ),
    Field(
        "contact_email",
        _labels("E-mailアドレス", "E-mail address"),
        FieldKind.EMAIL,
        Section.CONTACT,
        required=True,
        aliases=(
            "E-mailアドレス（登録用）",
            "メールアドレス",
            "Eメールアドレス",
            "Eメール",
            "E-mail",
            "メール",
            "email",
        ),
    ),
    Field(
        "contact_email_again",
        _labels("E-mailアドレス（確認用）", "E-mail address (again)"),
        FieldKind.EMAIL,
        Section.CONTACT,
        aliases=(
            "メールアドレス（確認用）",
            "メールアドレス確認用",
            "Eメールアドレス（確認用）",
            "確認用",
            "email (again)",
        ),
    ),
)

REMARKS = Field(
    "remarks",
    _labels("備考", "Remarks"),
    FieldKind.TEXT,
    max_length=240,
    aliases=("連絡事項", "その他", "notes", "note"),
)

WISHED_START = Field(
    "wished_start",
    _labels("利用開始希望日", "Wished start date"),
    FieldKind.DATE,
    required=True,
    aliases=("利用開始日", "希望利用開始日", "開始希望日", "適用希望日", "希望日", "start date", "wished start"),
)

CHANGE_REASON = Field(
    "reason",
    _labels("変更する理由", "Reason for the change"),
    FieldKind.TEXT,
    required=True,
    max_length=240,
    aliases=("変更理由", "申込理由", "理由", "reason"),
)

SHOWN_BLANK = frozenset({"（記入なし）", "(blank)"})  # how notices show a blank value: nothing, when it comes back

COMMON_FIELDS = HEAD_FIELDS + CONTACT_FIELDS
_BLANK = (None, "", ())

CONTACT_ATTRIBUTES = attribute_names(ApplicantContact)


def contact_field(attribute: str) -> Field:
    """The form's field for an attribute of ApplicantContact or Administrator.  Raises KeyError when there is none."""
    for field in CONTACT_FIELDS:
        if field.name == f"contact_{attribute}":
            return field
    raise KeyError(f"add contact_{attribute} to CONTACT_FIELDS in mailbot/model/common_fields.py")


def contact_values(contact: ApplicantContact) -> dict[str, str]:
    """A registered contact's details as field values, blank ones left out."""
    pairs = ((f"contact_{name}", getattr(contact, name)) for name in CONTACT_ATTRIBUTES)
    return {field: value for field, value in pairs if value}


def contact_of(filled: Filled) -> ApplicantContact:
    """The 申込担当者 as the form states it."""
    return ApplicantContact(**{name: filled.text(f"contact_{name}") for name in CONTACT_ATTRIBUTES})


def check_fields(fields: Iterable[Field], filled: Filled, unreadable: Iterable[str] = ()) -> list[Finding]:
    """Required fields present, free text short enough (characters, not bytes).

    `unreadable`: names of fields for which the reading already found a problem; they are not reported twice.  Of two
    fields of which one is enough (`Field.instead`), the first is reported.  Finding codes: `required`,
    `required_either`, `too_long`.
    """
    skip = set(unreadable)
    findings: list[Finding] = []
    for field in fields:
        if field.name in skip:
            continue
        value = filled.values.get(field.name)
        if value in _BLANK:
            if field.required and not field.instead:
                findings.append(Finding("required", field.name))
            elif field.required and field.instead not in skip and filled.values.get(field.instead) in _BLANK:
                findings.append(Finding("required_either", field.name))
                skip.add(field.name)
        elif field.max_length is not None and isinstance(value, str) and len(value) > field.max_length:
            params = {"length": str(len(value)), "max_length": str(field.max_length)}
            findings.append(Finding("too_long", field.name, read=value, params=params))
    return findings
