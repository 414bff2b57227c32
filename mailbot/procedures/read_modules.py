"""Imports modules from octets that were read before, so that what runs is what was looked at (PEP 451)."""

import sys
from collections.abc import Mapping, Sequence
from importlib.machinery import ModuleSpec, SourceFileLoader
from importlib.util import spec_from_file_location
from pathlib import Path, PurePosixPath
from types import ModuleType


def use_modules(package: str, folder: Path, files: Mapping[str, bytes]) -> None:
    """Import `package` and what is in it from `files`, name in `folder` → octets.

    What was imported is forgotten when it is of other files.
    """
    modules = {}
    for name, octets in files.items():
        parts = PurePosixPath(name)
        if parts.suffix == ".py":
            dotted = parts.parent.parts if parts.name == "__init__.py" else parts.with_suffix("").parts
            modules[".".join((package, *dotted))] = (str(folder / name), octets)
    if _FINDER.modules.get(package) != modules:
        for known in [one for one in sys.modules if one == package or one.startswith(f"{package}.")]:
            del sys.modules[known]
        _FINDER.modules[package] = modules
    if _FINDER not in sys.meta_path:
        sys.meta_path.insert(0, _FINDER)


class _Loader(SourceFileLoader):
    """Loads a module from its source, never from compiled code that is stored."""

    def __init__(self, name: str, path: str, octets: bytes) -> None:
        super().__init__(name, path)
        self._octets = octets

    def get_data(self, path: str) -> bytes:
        return self._octets if path == self.path else super().get_data(path)

    def path_stats(self, path: str) -> Mapping[str, int]:
        raise OSError  # without them no stored code is looked for (importlib.abc.SourceLoader)


class _Finder:
    """A finder for sys.meta_path.  `modules`: package → module → path and source."""

    def __init__(self) -> None:
        self.modules: dict[str, dict[str, tuple[str, bytes]]] = {}

    def find_spec(self, name: str, path: Sequence[str] | None, target: ModuleType | None = None) -> ModuleSpec | None:
        """The spec of a module of `use_modules`; None for every other."""
        for modules in self.modules.values():
            if name in modules:
                file, octets = modules[name]
                return spec_from_file_location(name, file, loader=_Loader(name, file, octets))
        return None


_FINDER = _Finder()
