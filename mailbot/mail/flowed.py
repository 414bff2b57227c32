"""format=flowed (RFC 3676): the lines as they were typed."""

from email.message import Message as MimePart


def unflowed(part: MimePart, text: str) -> str:
    """Unwrap format=flowed (RFC 3676 §4): a line that ends in a space continues in the next one."""
    if str(part.get_param("format") or "").lower() != "flowed":
        return text
    joiner = "" if str(part.get_param("delsp") or "").lower() == "yes" else " "
    lines: list[str] = []
    open_line = False
    for line in text.replace("\r\n", "\n").split("\n"):
        if open_line and not line.startswith(">"):
            lines[-1] = lines[-1].rstrip(" ") + joiner + line
        else:
            lines.append(line)
        open_line = line.endswith(" ") and line != "-- " and not line.startswith(">")
    return "\n".join(lines)
