"""The folder of the program's own templates."""

from pathlib import Path


def templates_folder() -> Path:
    """The folder of the templates that come with the program: beside the package, or inside it in a wheel."""
    inside = Path(__file__).parents[1] / "_templates"
    return inside if inside.is_dir() else Path(__file__).parents[2] / "templates"
