"""The operator's own templates: copies of the program's, with what they were copied from, to be compared later.

The original of each copy is kept in `templates/.copied/`, so that after an upgrade both the operator's changes and the
program's can be shown.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches, unified_diff
from enum import StrEnum
from pathlib import Path

from mailbot.app.template_names import PROCEDURE, known_names
from mailbot.errors import UsageError
from mailbot.files import make_folder, replacing
from mailbot.notices.template_faults import names_in

_ORIGINALS = ".copied"


class Copy(StrEnum):
    """What an operator's template is, compared with the program's of the same name."""

    CURRENT = "current"  # copied from the version that is there now
    STALE = "stale"  # the program's has changed since
    UNRECORDED = "unrecorded"  # not copied with `mailbot templates copy`
    UNKNOWN = "unknown"  # the program has none of this name


@dataclass(frozen=True)
class OwnTemplate:
    """One template of the operator; `changed`: whether it differs from the program's."""

    name: str
    state: Copy
    changed: bool


def copies(own: Path) -> Iterator[OwnTemplate]:
    """Every template in the operator's folder `own`, by name."""
    known = known_names()
    for name in names_in(own):
        if name not in known:
            yield OwnTemplate(name, Copy.UNKNOWN, changed=True)
            continue
        original, program = own / _ORIGINALS / name, known[name].read_bytes()
        state = Copy.UNRECORDED
        if original.is_file():
            state = Copy.CURRENT if original.read_bytes() == program else Copy.STALE
        yield OwnTemplate(name, state, changed=(own / name).read_bytes() != program)


def full_name(name: str) -> str:
    """The name of a template, which may be given without folder or ending when it is clear.

    Raises UsageError with the nearest name.
    """
    known, flat = known_names(), name.removeprefix("templates/")
    forms = {one: (one, one.removesuffix(".j2"), _short(one)) for one in known}
    found = [one for one, ways in forms.items() if flat in ways or flat == one.rpartition("/")[2]]
    found = [one for one in found if not one.startswith(PROCEDURE)] or found
    if len(found) == 1:
        return found[0]
    if found:
        raise UsageError(f"{name!r} is one of: {', '.join(sorted(found))}; say which")
    raise UsageError(f"no template {name!r}{_near(flat, forms)}; mailbot templates list --all has them all")


def _short(name: str) -> str:
    return name.rpartition("/")[2].removesuffix(".j2")


def _near(flat: str, forms: Mapping[str, tuple[str, ...]]) -> str:
    """«; did you mean X?», by any way in which a name may be given, with or without its language."""
    by_way = {
        way: one for one, ways in reversed(list(forms.items())) for way in (*ways, _short(one).rpartition(".")[0])
    }
    near = get_close_matches(flat, sorted(by_way), 1)
    return f"; did you mean {by_way[near[0]]}?" if near else ""


def copy(own: Path, name: str, *, keep: bool = False) -> Path:
    """Copy the program's template into `own`, and its original beside; returns the copy.

    `keep`: the operator's file stays, and is from now on compared with the present original.  Raises UsageError when
    there is a copy already.
    """
    target, content = own / name, known_names()[name].read_bytes()
    if target.exists() and not keep:
        raise UsageError(f"{target} is there already; change it, or add --keep: it was compared with the present one")
    if keep and not target.exists():
        raise UsageError(f"{target} is not there; without --keep it is made")
    for path in (own / _ORIGINALS / name, *(() if keep else (target,))):
        make_folder(path.parent)
        with replacing(path) as file:
            file.write(content)
    target.chmod(0o644)
    return target


@dataclass(frozen=True)
class Differences:
    """Unified diffs: `yours`, from what was copied to the operator's file; `theirs`, from it to the program's of now.

    `theirs` is "" when nothing has changed, or when it is not known what was copied.
    """

    name: str
    state: Copy
    yours: str
    theirs: str


def differences(own: Path, name: str) -> Differences:
    """How the operator's template `name` and the program's differ.  Raises UsageError when there is no such file."""
    found = next((one for one in copies(own) if one.name == name), None)
    if found is None:
        raise UsageError(f"{own / name} is not there: the program's own is used")
    if found.state is Copy.UNKNOWN:
        return Differences(name, found.state, "", "")
    program, original = known_names()[name], own / _ORIGINALS / name
    before = original if original.is_file() else program
    yours = _diff(before, own / name, f"copied/{name}", f"templates/{name}")
    return Differences(name, found.state, yours, _diff(before, program, f"copied/{name}", f"now/{name}"))


def _diff(before: Path, after: Path, first: str, second: str) -> str:
    old, new = (path.read_text(encoding="utf-8", errors="replace").splitlines() for path in (before, after))
    return "\n".join(unified_diff(old, new, first, second, lineterm=""))
