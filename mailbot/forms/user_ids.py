"""利用者ID as people write them: in blocks of 利用者コード and 識別番号, whole, or as lines to tick."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from mailbot.forms.field_names import UserIdPart
from mailbot.forms.ticks import read_ticks
from mailbot.forms.values import codes_in, unclear_tick
from mailbot.lines import without_bullet
from mailbot.model.procedure import Finding
from mailbot.text import remove_invisible

_CODE = re.compile(r"[A-Z0-9]{5}")
_NUMBER = re.compile(r"[A-Z0-9]{3}")
_WHOLE = re.compile(r"[A-Z0-9]{8}")
_IN_PARTS = re.compile(r"[A-Z0-9]{5}-[A-Z0-9]{3}")


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
        written = remove_invisible(written)
        ticked = read_ticks(written.split("\n"))
        if ticked is not None and ticked.unclear:
            self.findings.append(unclear_tick(self.name, ticked))
            self._code_used = True  # the ticks are asked about; nothing else is missing
            return
        match part:
            case UserIdPart.CODE:
                self._add_code(written)
            case UserIdPart.NUMBER:
                self._add_numbers(written)
            case UserIdPart.ID:
                self._add_ids(written)

    def finish(self) -> None:
        """Report a 利用者コード that no 識別番号 follows."""
        if not self._code_used:
            self.findings.append(Finding("code_without_number", self.name, read=self._code))

    def _add_code(self, written: str) -> None:
        self.finish()
        code, *numbers = _tokens(written) or ("",)
        if _WHOLE.fullmatch(code) and not numbers:
            self._add_whole(code)
            self._code, self._code_used = code[:5], True
            return
        if not _CODE.fullmatch(code) or not all(map(_NUMBER.fullmatch, numbers)):
            self.findings.append(Finding("not_a_user_code", self.name, read=written))
            self._code, self._code_used = "?", True
            return
        self._code, self._code_used = code, bool(numbers)
        for number in numbers:
            self._keep(code + number)

    def _add_ids(self, written: str) -> None:
        """Whole IDs, also as the manual writes them: 利用者コード and 識別番号 with a blank between (`1ANAC A0A`)."""
        code = ""
        for token in _tokens(written):
            if _CODE.fullmatch(token):
                self.finish()
                self._code, self._code_used, code = token, False, token
            elif code and _NUMBER.fullmatch(token):
                self._keep(code + token)
                self._code_used = True
            else:
                self._add_whole(token)

    def _add_numbers(self, written: str) -> None:
        code = self._code or self.known_code
        self._code_used = True
        tokens = _tokens(written)
        for token, following in zip(tokens, [*tokens[1:], ""], strict=True):
            if _WHOLE.fullmatch(token):
                self._add_whole(token)
            elif _CODE.fullmatch(token) and _NUMBER.fullmatch(following):
                self._code = code = token
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
    """The codes in a value, `1ANAC-A0A` in its parts.  Where lines begin with boxes, the ticked ones only."""
    lines: Sequence[str] = written.split("\n")
    ticked = read_ticks(lines)
    lines = [without_bullet(line) for line in (lines if ticked is None else ticked.chosen)]
    return [part for line in lines for token in codes_in(line) for part in _parts(token)]


def _parts(token: str) -> list[str]:
    return token.split("-") if _IN_PARTS.fullmatch(token) else [token]
