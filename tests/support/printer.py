"""A receipt printer on a real socket: it understands what it is sent, and can be out of order."""

from __future__ import annotations

import contextlib
import re
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field

# The fixed bits of every answer; nothing is wrong.
WELL = 0x12
ASK = re.compile(rb"\x10\x04([\x01-\x04])")
FINISHED = b"\x1dr\x01"


@dataclass
class Printer:
    """What came out, and how the printer is. `answers` are those to `DLE EOT n`."""

    port: int
    answers: dict[int, int] = field(default_factory=lambda: {1: 0x16, 2: WELL, 3: WELL, 4: WELL})
    # It takes the connection and says nothing.
    hangs: bool = False
    knows_finished: bool = True
    # What the paper sensor says once a slip has been sent.
    answers_afterwards: dict[int, int] = field(default_factory=dict)
    sent: bytes = b""

    @property
    def slips(self) -> list[bytes]:
        """The slips that were cut off."""
        return re.findall(rb"\x1b@.*?\x1dV\x01", self.sent, re.S)

    def out_of_paper(self) -> None:
        self.answers |= {2: WELL | 0x20, 4: WELL | 0x60}


def words(slip: bytes) -> list[str]:
    """The lines of text on a slip, without the commands between them."""
    text = re.sub(rb"\x1d\(k(..)", lambda found: b"\x1d(k" + found[1], slip, flags=re.S)
    text = re.sub(rb"\x1d\(k..1P0[^\x1d]*", b"", text, flags=re.S)
    text = re.sub(rb"\x1d\(k..1[ACEQ][^\x1b\x1d]*", b"", text, flags=re.S)
    text = re.sub(rb"\x1b[!Eatd].|\x1d!.|\x1b@|\x1dV.", b"", text, flags=re.S)
    return [line for line in text.decode("ascii").split("\n") if line]


def qr_payload(slip: bytes) -> str:
    """What the printer's own QR code holds: `GS ( k pL pH 49 80 48 data`."""
    start = slip.index(b"1P0") + 3
    low, high = slip[start - 5], slip[start - 4]
    return slip[start : start + low + 256 * high - 3].decode()


def number_size(slip: bytes) -> tuple[int, int]:
    """How many times wider and higher the number is than a letter."""
    size = re.search(rb"\x1d!(.)\x1bE\x01\x1ba\x01", slip, re.S)
    assert size
    return (size[1][0] >> 4) + 1, (size[1][0] & 7) + 1


@contextlib.contextmanager
def printer(*, hangs: bool = False, knows_finished: bool = True) -> Iterator[Printer]:
    """A printer that listens on a free port of this machine."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        machine = Printer(port, hangs=hangs, knows_finished=knows_finished)
        thread = threading.Thread(target=_serve, args=(listener, machine), daemon=True)
        thread.start()
        try:
            yield machine
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            thread.join(5)


def _serve(listener: socket.socket, machine: Printer) -> None:
    with contextlib.suppress(OSError):
        while True:
            caller, _address = listener.accept()
            with caller, contextlib.suppress(OSError):
                _talk(caller, machine)


def _talk(caller: socket.socket, machine: Printer) -> None:
    while data := caller.recv(4096):
        machine.sent += data
        if machine.hangs:
            continue
        if FINISHED in data:
            machine.answers |= machine.answers_afterwards
            if machine.knows_finished:
                caller.sendall(b"\x00")
        for found in ASK.finditer(data):
            caller.sendall(bytes([machine.answers[found[1][0]]]))
