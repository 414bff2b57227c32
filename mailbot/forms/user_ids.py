"""利用者ID as people write them: in blocks of 利用者コード and 識別番号, whole, or as lines to tick."""

import re
from dataclasses import dataclass, field

from mailbot.forms.field_names import UserIdPart
from mailbot.forms.values import codes_in
from mailbot.lines import has_box_or_mark, is_ticked, without_box
from mailbot.model.procedure import Finding

_CODE = re.compile(r"[A-Z0-9]{5}")
_NUMBER = re.compile(r"[A-Z0-9]{3}")
_WHOLE = re.compile(r"[A-Z0-9]{8}")


@dataclass
class UserIds:
    """Collects the parts of one USER_IDS field in the order they are written."""

    name: str  # Field.name
    known_code: str = ""  # the 利用者コード of a 識別番号 that is written without one
    ids: list[str] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    _code: str = ""
    _code_used: bool = True

    def add(self, part: UserIdPart, written: str) -> None:
        """One labelled value."""
        match part:
            case UserIdPart.CODE:
                self._add_code(written)
            case UserIdPart.NUMBER:
                self._add_numbers(written)
            case UserIdPart.ID:
                for token in _tokens(written):
                    self._add_whole(token)

    def finish(self) -> None:
        """Report a 利用者コード that no 識別番号 follows."""
        if not self._code_used:
            self.findings.append(Finding("code_without_number", self.name, read=self._code))

    def _add_code(self, written: str) -> None:
        self.finish()
        tokens = _tokens(written)
        if len(tokens) == 1 and _WHOLE.fullmatch(tokens[0]):
            self._add_whole(tokens[0])
            self._code, self._code_used = tokens[0][:5], True
            return
        if len(tokens) != 1 or not _CODE.fullmatch(tokens[0]):
            self.findings.append(Finding("not_a_user_code", self.name, read=written))
            self._code, self._code_used = "?", True
            return
        self._code, self._code_used = tokens[0], False

    def _add_numbers(self, written: str) -> None:
        code = self._code or self.known_code
        self._code_used = True
        for token in _tokens(written):
            if _WHOLE.fullmatch(token):
                self._add_whole(token)
            elif not _NUMBER.fullmatch(token):
                self.findings.append(Finding("not_a_number_part", self.name, read=token))
            elif not code:
                self.findings.append(Finding("number_without_code", self.name, read=token))
            elif code != "?":  # an unreadable code is reported already
                self._keep(code + token)

    def _add_whole(self, token: str) -> None:
        if _WHOLE.fullmatch(token):
            self._keep(token)
        else:
            self.findings.append(Finding("not_a_user_id", self.name, read=token))

    def _keep(self, full: str) -> None:
        if full not in self.ids:
            self.ids.append(full)


def _tokens(written: str) -> list[str]:
    """The codes in a value.  Where lines begin with boxes, the ticked ones only."""
    lines = written.split("\n")
    if any(has_box_or_mark(line) for line in lines):
        lines = [without_box(line) for line in lines if is_ticked(line)]
    return [token for line in lines for token in codes_in(line)]
