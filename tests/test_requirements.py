"""requirements.txt, which installations and the container follow, has the versions of requirements.lock, which are tested."""

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[1]


def pinned(name: str) -> dict[str, str]:
    """Package → version, and for which systems."""
    lines = re.findall(r"^([A-Za-z0-9._-]+)(?:\[[^]]*\])?==([^\s;]+)", (ROOT / name).read_text(encoding="utf-8"), re.M)
    return {_name(package): version for package, version in lines}


def _name(package: str) -> str:
    return re.sub(r"[-_.]+", "-", package).lower()


def test_both_files_have_every_dependency_in_one_version() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = [*project["dependencies"], *(one for extra in project["optional-dependencies"].values() for one in extra)]
    names = {_name(re.match(r"[A-Za-z0-9._-]+", one)[0]) for one in wanted}  # type: ignore[index]
    installed, tested = pinned("requirements.txt"), pinned("requirements.lock")
    assert sorted(names - set(installed)) == [] == sorted(names - set(tested))
    assert {one: version for one, version in installed.items() if tested.get(one) != version} == {}
