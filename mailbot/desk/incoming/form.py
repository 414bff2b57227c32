"""The form in a mail, read once: for classifying the mail, for the application, for the log and for replay."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from mailbot.forms.layout import lay_out
from mailbot.forms.procedures import procedure_named, split_by_procedure, title_lines
from mailbot.forms.quoted import form_in
from mailbot.forms.read import Reading, labels_fit, read_form
from mailbot.forms.scan import Signed
from mailbot.mail.quoting import OwnWords, Rows
from mailbot.masking import without_reply_links
from mailbot.model.application import Application
from mailbot.model.common_fields import COMMON_FIELDS
from mailbot.model.procedure import Field, FieldKind, Filled, Procedure, Ticks
from mailbot.model.read_line import LineKind, Mark
from mailbot.text import as_typed

COMMON_NAMES = frozenset(one.name for one in COMMON_FIELDS)
NO_LINE = -1  # of a line that is in an attached table or a quoted form
NO_ROWS: Rows = ((NO_LINE, ""),)
_NOTHING = Reading(Filled())


@dataclass(frozen=True)
class RequestForm:
    """One form as it was read.

    `text`: the lines it was looked for in; `named`: the procedures that the mail names; `procedure`: the one that the
    form is for, where that is certain.
    """

    text: str = ""
    named: tuple[str, ...] = ()
    procedure: Procedure | None = None
    reading: Reading = _NOTHING
    rows: tuple[int, ...] = field(default=(), compare=False, repr=False)  # where each line of `text` was read from

    @property
    def marks(self) -> Iterator[tuple[int, Mark]]:
        """What each line of the mail was taken for: (its index in `OwnWords.lines`, mark)."""
        return ((self.rows[mark.at], mark) for mark in self.reading.marks if mark.at < len(self.rows))

    @property
    def is_form(self) -> bool:
        """Whether the text is a form at all: two fields, or one beside the name of a procedure."""
        return self.reading.is_form or bool(self.reading.given - {"procedure"} and self.named)


NO_FORM = RequestForm()


def form_rows(own: OwnWords, own_rows: Rows, attached: Sequence[str], application: Application | None) -> Rows:
    """The lines in which a form is looked for: the person's own, attached tables, what was changed inside a quote.

    `own_rows`: the person's own lines without a command.  Without an application to correct, a quoted form that was
    filled in counts as a whole.
    """
    inside_quote = ("", form_in(own.quoted)) if own.inline and application is None else own.inline
    added = (*attached, *inside_quote)
    return (*own_rows, *((NO_LINE, line) for text in added for line in text.split("\n")))


def text_of(rows: Rows) -> str:
    """The lines as one text."""
    return "\n".join(line for _, line in rows)


@dataclass(frozen=True)
class FormReader:
    """What the reading of a mail's forms depends on besides its text."""

    procedures: Mapping[str, Procedure]
    application: Application | None  # that the mail is about
    today: date  # when the mail arrived, in Asia/Tokyo
    signed: Signed  # which details of the contact count where a signature may stand

    def read(self, rows: Rows, subject: str) -> tuple[RequestForm, ...]:
        """Each form in `rows`: one, or one for each procedure that a new mail names."""
        # Line by line, so that each row keeps its line; a token that is wrapped over two is masked when it is stored.
        typed = as_typed("\n".join(without_reply_links(line) for _, line in rows)).split("\n")
        pieces = lay_out(typed, every_field(self.procedures))
        found = tuple((at, one) for (at, _), piece in zip(rows or NO_ROWS, pieces, strict=True) for one in piece)
        named = named_procedures(text_of(found), subject, self.procedures)
        if self.application is not None or len(named) < 2:
            return (self._form(found, named),)
        parts = split_by_procedure([line for _, line in found], titles_of(self.procedures))
        forms = (tuple(found[i] for i in part) for part in parts)
        return tuple(self._form(one, named_procedures(text_of(one), subject, self.procedures)) for one in forms)

    def _form(self, rows: Rows, named: tuple[str, ...]) -> RequestForm:
        text = text_of(rows)
        procedure = _procedure(text, named, self.application, self.procedures)
        if procedure is not None:
            fields = COMMON_FIELDS + procedure.fields
        else:
            fields = fields_of(named, self.application, self.procedures)
        code = _known_code(self.application, fields) if procedure is not None else ""
        reading = read_form(text, fields, known_code=code, today=self.today, signed=self.signed)
        titles = titles_of(self.procedures)
        headings, text_lines = frozenset(title_lines(reading.other_words, titles)), text.split("\n")
        words = tuple(line for line in reading.other_words if line not in headings)
        marks = (_as_title(mark) if text_lines[mark.at].strip() in headings else mark for mark in reading.marks)
        reading = replace(reading, other_words=words, marks=tuple(marks))
        return RequestForm(text, named, procedure, reading, tuple(at for at, _ in rows))


def _as_title(mark: Mark) -> Mark:
    return replace(mark, kind=LineKind.TITLE) if mark.kind is LineKind.OTHER else mark


def _procedure(
    text: str, named: tuple[str, ...], application: Application | None, procedures: Mapping[str, Procedure]
) -> Procedure | None:
    """That of the application, the one the mail names, or the only one that the form fits."""
    if application is not None:
        return procedures.get(application.procedure)
    if named:
        return procedures[named[0]] if len(named) == 1 else None
    others = every_field(procedures)
    fitting = [p for p in procedures.values() if _fits(text, p, others)]
    return fitting[0] if len(fitting) == 1 else None


def _fits(text: str, procedure: Procedure, others: tuple[Field, ...]) -> bool:
    """Whether the form has no label that only another procedure knows, and the required fields are all there."""
    needed = [{field.name, field.instead} for field in procedure.fields if field.required]
    return labels_fit(text, COMMON_FIELDS + procedure.fields, needed, besides=COMMON_NAMES, others=others)


def _known_code(application: Application | None, fields: tuple[Field, ...]) -> str:
    """The only 利用者コード of the content that is corrected, for a 識別番号 that is written alone; "" if none."""
    if application is None:
        return ""
    content = application.pending or application.revision.filled
    about_codes = (f for f in fields if f.kind is FieldKind.USER_IDS or f.ticks is Ticks.USER_CODES)
    codes = {code[:5] for field in about_codes for code in content.codes(field.name)}
    return codes.pop() if len(codes) == 1 else ""


def named_procedures(text: str, subject: str, procedures: Mapping[str, Procedure]) -> tuple[str, ...]:
    """The procedures a mail names: by its 手続 line or heading, else by its subject."""
    titles = titles_of(procedures)
    return procedure_named(text, titles) or procedure_named(subject, titles)


def titles_of(procedures: Mapping[str, Procedure]) -> dict[str, tuple[str, ...]]:
    """Procedure name → everything it is called."""
    return {p.name: p.names for p in procedures.values()}


def fields_of(
    named: tuple[str, ...], application: Application | None, procedures: Mapping[str, Procedure]
) -> tuple[Field, ...]:
    """The fields a mail may name: of the application's procedure, of the ones named, else of all of them."""
    if application is not None and application.procedure in procedures:
        return COMMON_FIELDS + procedures[application.procedure].fields
    fields = {f.name: f for name in named or tuple(procedures) for f in procedures[name].fields}
    return COMMON_FIELDS + tuple(fields.values())


def every_field(procedures: Mapping[str, Procedure]) -> tuple[Field, ...]:
    """The fields of all procedures, for recognising a label before the procedure is known."""
    return COMMON_FIELDS + tuple(field for p in procedures.values() for field in p.fields)
