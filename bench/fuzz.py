"""What coverage-guided fuzzing finds in the readers: `make fuzz` runs each target for a while and prints a table.

`python bench/fuzz.py TARGET [libFuzzer options]` runs one target; findings are written as files (crash-…, timeout-…).
A finding becomes a test in tests/mail/findings/.
"""

import argparse
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["mailbot"]):
    from mailbot.forms.attached import read_attached
    from mailbot.forms.command import applicant_command
    from mailbot.forms.decision import reviewer_decision
    from mailbot.forms.layout import lay_out
    from mailbot.forms.read import read_form
    from mailbot.mail.bounces import failures
    from mailbot.mail.charsets import decode, decode_header
    from mailbot.mail.headers import read_author
    from mailbot.mail.html import html_to_text
    from mailbot.mail.message import read
    from mailbot.mail.quoting import own_words
    from mailbot.mail.split import split_mail
    from mailbot.model.common_fields import COMMON_FIELDS
    from mailbot.model.reply_token import find_tokens
    from mailbot.procedures import load_procedures

PROCEDURES = load_procedures()
FIELDS = COMMON_FIELDS + tuple(field for p in PROCEDURES.values() for field in p.fields)
ROOT = Path(__file__).parents[1]
SLOWEST_SECONDS = 2  # of one input (threats, «Figures to reach»)
MOST_MEGABYTES = 512  # of the whole process, the fuzzer's own tables included


def _text(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")


def _charset(data: bytes) -> None:
    label, _, body = data.partition(b"\n")
    decode(body, _text(label)[:60])
    decode_header(data)


def _headers(data: bytes) -> None:
    read_author(split_mail(data).fields)


def _quoting(data: bytes) -> None:
    sent, _, reply = _text(data).partition("\x00")
    own_words(reply, [sent])


def _keywords(data: bytes) -> None:
    subject, _, text = _text(data).partition("\n")
    reviewer_decision(text, subject)
    applicant_command(subject, text, [p.name for p in PROCEDURES.values()])


def _table(data: bytes) -> None:
    name = ("申込.csv", "申込.xlsx", "申込.tsv")[len(data) % 3]
    read_attached(name, data, FIELDS)


def _form(data: bytes) -> None:
    pieces = lay_out(_text(data).split("\n"), FIELDS)
    read_form("\n".join(line for piece in pieces for line in piece), FIELDS)


TARGETS: dict[str, Callable[[bytes], object]] = {
    "message": lambda data: read(data).html_text,
    "charset": _charset,
    "headers": _headers,
    "html": lambda data: html_to_text(_text(data)),
    "quoting": _quoting,
    "form": _form,
    "keywords": _keywords,
    "table": _table,
    "report": failures,
    "token": lambda data: list(find_tokens(_text(data))),
}


def seeds(folder: Path, mails: Path | None) -> None:
    """Where the fuzzer starts from: the example applications, and the .eml files below `mails`."""
    found = [*ROOT.glob("mailbot/procedures/*/examples/*.eml"), *(mails.rglob("*.eml") if mails else ())]
    for number, path in enumerate(found):
        if path.stat().st_size <= 20_000:
            (folder / f"seed-{number:04d}").write_bytes(path.read_bytes())


def one(name: str, options: list[str]) -> None:
    """Run one target in this process, which libFuzzer ends."""
    atheris.Setup([sys.argv[0], *options], TARGETS[name])
    atheris.Fuzz()


def every(seconds: int, keep: Path, mails: Path | None) -> bool:
    """Each target in a process of its own; True when none found anything."""
    print(f"{'target':10} {'inputs':>9} {'per s':>7} {'peak MB':>8} {'findings':>9}")
    clean = True
    for name in TARGETS:
        with tempfile.TemporaryDirectory() as corpus:
            seeds(Path(corpus), mails)
            limits = [f"-max_total_time={seconds}", f"-timeout={SLOWEST_SECONDS}", f"-rss_limit_mb={MOST_MEGABYTES}"]
            options = [*limits, "-max_len=20000", "-print_final_stats=1", f"-artifact_prefix={keep}/{name}-", corpus]
            begun = time.monotonic()
            done = subprocess.run(
                [sys.executable, __file__, name, *options],
                capture_output=True,
                text=True,
                errors="replace",
                check=False,
            )
            spent = time.monotonic() - begun
        figures = {key: int(value) for key, value in re.findall(r"stat::(\w+):\s+(\d+)", done.stderr)}
        inputs, peak = figures.get("number_of_executed_units", 0), figures.get("peak_rss_mb", 0)
        found = sorted(path.name for path in keep.glob(f"{name}-*"))
        print(f"{name:10} {inputs:9} {inputs / spent:7.0f} {peak:8} {len(found):9}  {' '.join(found)}", flush=True)
        clean = clean and not found and done.returncode == 0
        if done.returncode:
            print(done.stderr[-1500:])
    return clean


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("target", nargs="?", choices=TARGETS)
    parser.add_argument("--seconds", type=int, default=60, help="for each target")
    parser.add_argument("--keep", type=Path, default=ROOT / "store" / "fuzz", help="folder for findings")
    parser.add_argument("--mails", type=Path, help="folder of further mails to start from")
    known, options = parser.parse_known_args()
    if known.target:
        one(known.target, options)
    known.keep.mkdir(parents=True, exist_ok=True)
    sys.exit(0 if every(known.seconds, known.keep, known.mails) else 1)


if __name__ == "__main__":
    main()
