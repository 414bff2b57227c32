"""How much memory the SMTP server takes while many clients send large mails slowly.

Prints the peak RSS of `mailbot serve --roles smtp`.  The clients come from several loopback addresses.  None ends its
mail until all have sent what they may; then every one does.
"""

import argparse
import asyncio
import contextlib
import tempfile
from collections import Counter
from pathlib import Path

from tests.testkit.command_line import mailbot
from tests.testkit.desk_process import Desk, last_line

LINE = b"x" * 98 + b"\r\n"
CLIENTS_PER_ADDRESS = 20


def peak_megabytes(pid: int) -> int:
    """VmHWM of a process (proc(5))."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) // 1024
    raise RuntimeError("no VmHWM")


async def sender(port: int, number: int, octets: int, all_sent: asyncio.Barrier) -> str:
    """Send a mail of `octets`, wait for the others, end it; returns the code of the last reply."""
    source = f"127.0.1.{number // CLIENTS_PER_ADDRESS + 1}"
    arrived = False
    try:
        reader, writer = await asyncio.open_connection("127.0.0.1", port, local_addr=(source, 0))
        with contextlib.closing(writer):
            answer = await last_line(reader)
            for command in (b"EHLO c", b"MAIL FROM:<a@elsewhere.example>", b"RCPT TO:<desk@desk.example>", b"DATA"):
                writer.write(command + b"\r\n")
                answer = await last_line(reader)
            for _ in range(octets // 100_000):
                writer.write(LINE * 1_000)
                await writer.drain()
                await asyncio.sleep(0.01)
            await all_sent.wait()
            arrived = True
            writer.write(b".\r\n")
            answer = await last_line(reader)
            return answer[:3].decode()
    except OSError:
        return "closed"
    finally:
        if not arrived:
            await all_sent.wait()


async def measure(port: int, senders: int, octets: int) -> Counter[str]:
    all_sent = asyncio.Barrier(senders)
    return Counter(await asyncio.gather(*(sender(port, n, octets, all_sent) for n in range(senders))))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--senders", type=int, default=200)
    parser.add_argument("--megabytes", type=int, default=25, help="of each mail")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        mailbot(root, "init", "--sample")
        environment = {"MAILBOT_SMTP_MAX_CONNECTIONS": "250", "MAILBOT_SMTP_UNLIMITED_CLIENTS": ""}
        process = Desk(root, environment, "smtp")
        try:
            begin = peak_megabytes(process.process.pid)
            answers = asyncio.run(measure(process.port, options.senders, options.megabytes * 1_000_000))
            end = peak_megabytes(process.process.pid)
        finally:
            process.end("terminate")
    print(f"{options.senders} × {options.megabytes} MB: {begin} MB before, peak {end} MB; replies {dict(answers)}")


if __name__ == "__main__":
    main()
