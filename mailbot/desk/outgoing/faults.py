"""Where the program failed, for the operators who repair it."""

import traceback
from pathlib import Path


def fault_location(error: BaseException) -> str:
    """`file:line` of the template that is at fault; without a template, of the code that failed."""
    frames = traceback.extract_tb(error.__traceback__)
    named = [(getattr(error, "filename", None), getattr(error, "lineno", None))]  # jinja2.TemplateSyntaxError
    named += [(frame.filename, frame.lineno) for frame in reversed(frames) if frame.filename.endswith(".j2")]
    named += [(frame.filename, frame.lineno) for frame in reversed(frames)]
    for file, line in named:
        if file and line:
            path = Path(file)
            return f"{'/'.join(path.parts[-3:])}:{line}"
    return type(error).__name__
