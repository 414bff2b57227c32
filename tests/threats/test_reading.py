"""Mails made to break a reader, and lines made to fool whoever reads the log (threats, F and G)."""

import ast
import csv
import importlib
import io
import pkgutil
import re
import subprocess
import sys
import zipfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest

import mailbot
from mailbot.forms.attached import read_attached
from mailbot.forms.read import read_form
from mailbot.forms.workbook import write_table_csv
from mailbot.forms.write import FormLayout
from mailbot.forms.xlsx_parts import MOST_OCTETS
from mailbot.mail.message import read
from mailbot.model.common_fields import COMMON_FIELDS
from mailbot.model.people import Language
from mailbot.model.procedure import Filled
from mailbot.procedures import load_procedures
from mailbot.text import guard_formula, unguard_formula
from tests.testkit.command_line import mailbot as mailbot_prints
from tests.testkit.desk import FORM, DeskUnderTest, Person
from tests.testkit.records import SQLITE

PACKAGE = Path(mailbot.__file__).parent
FIELDS = COMMON_FIELDS + tuple(field for p in load_procedures().values() for field in p.fields)


@pytest.mark.timeout(120)
@pytest.mark.parametrize(
    "parameters",
    [
        "".join(f"; name*{n}*=x" for n in range(95)),
        "; name*0*=utf-8''a; name*0*=utf-8''b; name*2*=c",
        "; name*999999999*=x",
        "; name*0*=utf-8''" + "%41" * 2000,
        "; name*=x-unheard-of''%FF%FE",
        "; name*=utf-8''..%2F..%2Fetc%2Fpasswd",
        '; name="../../etc/passwd"',
        "; name=" + "x" * 5000,
    ],
)
def test_file_names_made_to_hurt(parameters: str) -> None:
    """T-74: bounded, and a name is never a path."""
    raw = f"From: a@b.jp\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/csv{parameters}\r\nContent-Disposition: attachment\r\n\r\nx\r\n--b--\r\n".encode()
    message = read(raw)
    assert not message.unreadable
    for one in message.attachments:
        assert len(one.name) <= 200 and "/" not in one.name and "\\" not in one.name


def archive(**files: bytes) -> bytes:
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, data in files.items():
            packed.writestr(name, data)
    return whole.getvalue()


# Made when they are tested, not when the tests are collected.
ARCHIVES: dict[str, Callable[[], bytes]] = {
    "larger than may be unpacked": lambda: archive(**{"xl/worksheets/sheet1.xml": b"0" * (MOST_OCTETS + 1)}),
    "thousands of entries": lambda: archive(**{f"f{n}": b"x" for n in range(5_000)}),
    "a path": lambda: archive(**{"../../etc/passwd": b"x"}),
    "nested": lambda: archive(**{"nested.xlsx": archive(**{"nested.xlsx": archive(x=b"0" * 1_000_000)})}),
    "a header alone": lambda: b"PK\x03\x04" + b"\0" * 40,
    "a directory alone": lambda: b"PK\x05\x06" + b"\xff" * 18,
}


@pytest.mark.timeout(120)
@pytest.mark.parametrize("name", ARCHIVES)
def test_archives_made_to_hurt(name: str) -> None:
    """T-77: a spreadsheet is looked at before it is opened; any other archive is not opened at all."""
    data = ARCHIVES[name]()
    assert read_attached("申込.xlsx", data, FIELDS).problem
    raw = b"From: a@b.jp\r\nContent-Type: application/zip; name=x.zip\r\n\r\n" + data[:200_000]
    assert all(not one.data for one in read(raw).attachments)


@cache
def patterns() -> dict[str, tuple[re.Pattern[Any], set[str]]]:
    """Every pattern that a module of the program has compiled, with the methods it is used by."""
    found: dict[str, tuple[re.Pattern[Any], set[str]]] = {}
    program = methods_in("".join(path.read_text(encoding="utf-8") for path in PACKAGE.rglob("*.py")))
    for info in pkgutil.walk_packages([str(PACKAGE)], "mailbot."):
        if info.name.endswith("__main__"):
            continue
        module = importlib.import_module(info.name)
        own = methods_in(Path(module.__file__ or "").read_text(encoding="utf-8"))
        for name, value in vars(module).items():
            if isinstance(value, re.Pattern):
                elsewhere = set() if name.startswith("_") else program.get(name, set())
                found[f"{info.name}.{name}"] = (value, own.get(name, set()) | elsewhere or {"search"})
    return found


def methods_in(source: str) -> dict[str, set[str]]:
    """Name of a pattern → the methods that are called on it."""
    found: dict[str, set[str]] = {}
    for name, method in re.findall(r"\b(\w+)\.(fullmatch|match|search|finditer|findall|sub|split)\(", source):
        found.setdefault(name, set()).add(method)
    return found


PIECES = (" ", "\n", "a", "あ", "：", ":", "=", "<", "@", ".", "-", "0", "%", "[", "「", ">", "差出人: ", "a@b.c,", "パスワード", " a", "。\n")  # fmt: skip


# Long runs of a piece, and something behind it that ends a match.
RUNS = [piece * (2_000 // len(piece)) + end for piece in PIECES for end in ("", "!", "\x00")]


@pytest.mark.timeout(60)
@pytest.mark.parametrize("module", sorted({name.rpartition(".")[0] for name in patterns()}))
def test_no_pattern_takes_for_ever(module: str) -> None:
    """T-78: against long runs that make a bad pattern try again and again; the time limit is the test's own."""
    for name in (name for name in patterns() if name.rpartition(".")[0] == module):
        pattern, used = patterns()[name]
        texts = [run.encode() for run in RUNS] if isinstance(pattern.pattern, bytes) else RUNS
        anchored = {"fullmatch": pattern.fullmatch, "match": pattern.match}
        for tried in {anchored.get(method, pattern.search) for method in used}:
            for text in texts:
                tried(text)


@pytest.mark.timeout(60)
@pytest.mark.parametrize("value", ["a" + " " * 100_000 + "!", "x" * 100_000, "：" * 50_000, "1" * 100_000])
def test_no_value_takes_for_ever(value: str) -> None:
    """T-78: in every field."""
    for one in FIELDS:
        read_form(f"{one.label(Language.JA)}：{value}\n", FIELDS)


@SQLITE
def test_hostile_subjects_in_the_log(desk: DeskUnderTest, taro: Person) -> None:
    """T-86: no escape sequence, no second line, no hidden order reaches a terminal."""
    taro.sends(FORM, "x\x1b[31mred\x1b]0;title\x07 \u202eevil \x9b2J")
    for arguments in (["log", "list"], ["log", "list", "--json"], ["log", "show", "1"], ["applications", "list"]):
        shown = mailbot_prints(desk.config.base, *arguments)
        assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", shown), arguments


@pytest.mark.parametrize("value", ["=1+1", "\t=1+1", "\r=1+1", " =1+1", "\u3000=1", "\ufeff=1", "\u200b@x", "＝1+1", "＋1", "－1", "＠x", "-1", "'=1", "\tx"])  # fmt: skip
def test_a_form_as_a_table_has_no_formula(value: str) -> None:
    """T-85: also behind characters that a spreadsheet removes."""
    layout = FormLayout("x", [field for field in FIELDS if field.name == "reason"][:1] or list(FIELDS[:1]), Language.JA)
    name = layout.fields[0].name
    for cell in _cells(write_table_csv(layout, Filled({name: value}))):
        assert not re.match(r"[\s\u200b\ufeff]*[=+@＝＋－＠-]|\t|\r", cell), cell
    assert guard_formula(value)[0] == "'" and unguard_formula(guard_formula(value)) == value
    assert guard_formula("1-1=0") == unguard_formula("1-1=0") == "1-1=0"


def _cells(table: bytes) -> list[str]:
    return [cell for row in csv.reader(io.StringIO(table.decode("utf-8-sig"), newline="")) for cell in row]


def log_lines(script: str, style: str) -> str:
    """What a program that logs as the desk does writes to stderr."""
    program = f"import structlog, logging\nfrom mailbot.logs import set_up_logging\nset_up_logging('info', {style!r})\n{script}"
    return subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stderr


HOSTILE = "x\x1b]0;title\x07\x9b2J\u202e\nforged [info] line\r\ttab"


@pytest.mark.parametrize("style", ["text", "json"])
@pytest.mark.parametrize(
    "script",
    [
        "structlog.get_logger('a').warning({0!r}, key={0!r}, more=({0!r}, 1))",
        "logging.getLogger('mail.log').warning('unrecognised: %s', {0!r})",
        "logging.getLogger('b').warning('unrecognised: %s', {0!r}.encode())",
    ],
)
def test_hostile_texts_in_the_lines_on_stderr(script: str, style: str) -> None:
    """T-86: of the desk and of its libraries, in both styles: one line, and nothing that a terminal obeys."""
    lines = log_lines(script.format(HOSTILE), style)
    assert lines.count("\n") == 1 and "forged" in lines
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", lines), lines


def test_an_exception_in_the_log_is_no_escape_sequence() -> None:
    """T-86: the traceback keeps its lines, and the text of the exception is visible."""
    script = (
        f"try:\n    raise ValueError({HOSTILE!r})\nexcept ValueError:\n    structlog.get_logger('a').exception('e')"
    )
    lines = log_lines(script, "text")
    assert "\nTraceback" in lines and not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]", lines)
    assert "\nforged" not in lines


def test_the_same_line_is_not_repeated_hundreds_of_times() -> None:
    """T-86: asyncio logs one for each write to a connection that is gone."""
    script = "for n in range(900):\n    logging.getLogger('asyncio').warning('socket.send() raised exception.')"
    assert log_lines(script, "text").count("socket.send") == 1


def test_a_folder_is_never_searched_by_what_a_stranger_wrote() -> None:
    """T-87: UIDs and one fixed word; a hostile Message-ID cannot become an IMAP command (CVE-2025-15366)."""
    tree = ast.parse((PACKAGE / "runners" / "imap.py").read_text(encoding="utf-8"))
    searches = [n for n in ast.walk(tree) if isinstance(n, ast.Call) and getattr(n.func, "attr", "") == "search"]
    assert [ast.unparse(call.args[0]) for call in searches] == ["['UNDELETED']"]


@pytest.mark.parametrize(
    "kind",
    [
        'multipart/signed; protocol="application/pkcs7-signature"; boundary=b',
        'multipart/signed; protocol="application/pgp-signature"; boundary=b',
    ],
)
def test_a_signed_part_proves_nothing(kind: str) -> None:
    """T-30, T-31: no key of a person is registered, so S/MIME and PGP are read as text and count for nothing."""
    inner = f"Content-Type: text/plain; charset=utf-8\r\n\r\n{FORM}"
    raw = f"From: taro@naxtrade.example\r\nContent-Type: {kind}\r\n\r\n--b\r\n{inner}\r\n--b\r\nContent-Type: application/pgp-signature\r\n\r\nx\r\n--b--\r\n".encode()
    message = read(raw)
    assert message.text.strip() == FORM.strip()
    assert not hasattr(message, "signed")
