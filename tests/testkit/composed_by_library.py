"""A message composed by the email package alone: the octets that `mail.compose.compose` has to write."""

from email.encoders import encode_base64
from email.mime.multipart import MIMEMultipart
from email.mime.nonmultipart import MIMENonMultipart
from email.policy import compat32

from mailbot.mail.compose import (
    _LONGEST_LINE,
    AttachedFile,
    NewMessage,
    _boundary,
    _for_old_clients,
    _headers,
    _words,
)
from mailbot.model.people import Charset
from mailbot.text import one_line

_POLICY = compat32.clone(linesep="\r\n", max_line_length=None, mangle_from_=False)


def composed_by_library(message: NewMessage) -> bytes:
    """The message as `email.generator` writes it."""
    if message.charset is Charset.ISO_2022_JP:
        message = _for_old_clients(message)
    words = MIMEMultipart("alternative", boundary=_boundary(message, "words"))
    words.attach(_part(message.text, "plain", message.charset))
    words.attach(_part(message.html, "html", message.charset))
    mail = words
    if message.attachments:
        mail = MIMEMultipart("mixed", boundary=_boundary(message, "mixed"))
        mail.attach(words)
        for one in message.attachments:
            mail.attach(_file(one, message.charset))
    for name, value in _headers(message).items():
        mail[name] = value
    return mail.as_bytes(policy=_POLICY)


def _file(attached: AttachedFile, charset: Charset) -> MIMENonMultipart:
    main, _, sub = attached.content_type.partition("/")
    part = MIMENonMultipart(main, sub)
    for parameter, value in attached.parameters.items():
        part.set_param(parameter, value)
    part.set_payload(attached.data)
    encode_base64(part)
    name = one_line(attached.name)
    part.set_param("name", name if name.isascii() else _words(name, charset).replace("\n ", " "))
    part.add_header("Content-Disposition", "attachment", filename=name if name.isascii() else ("utf-8", "", name))
    return part


def _part(text: str, subtype: str, charset: Charset) -> MIMENonMultipart:
    lines = text.replace("\r\n", "\n").replace("\n", "\r\n")
    part = MIMENonMultipart("text", subtype, charset=charset.value)
    data = lines.encode(charset.value)
    if charset is Charset.ISO_2022_JP and max(map(len, data.split(b"\r\n"))) <= _LONGEST_LINE:
        part["Content-Transfer-Encoding"] = "7bit"
        part.set_payload(data.decode("ascii"))
    else:
        part.set_payload(data)
        encode_base64(part)
    return part
