"""The way to a receipt printer: the network or USB, by python-escpos, and never for long.

Nothing here raises: whatever goes wrong is a `PrinterState`, in words that lead a hand.
"""

from __future__ import annotations

import contextlib
import errno
import logging
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from mpp.core import clock
from mpp.core.net import is_local
from queueing.printing import status
from queueing.printing.contents import Slip
from queueing.printing.layout import layout
from tenants.actions import note_printer
from tenants.enums import PRINTS, PaperWidth, PrinterLink, PrinterState
from tenants.models import Device

# A printer in the house answers in milliseconds; one that is off costs its asker this much.
CONNECT_SECONDS = 1.5
ANSWER_SECONDS = 1.0
# Many printers serve one caller at a time: one that has just printed is left alone.
FRESH = timedelta(seconds=50)
# A slip is out in two seconds (trust.md K-03).
FINISH_SECONDS = 3.0

logger = logging.getLogger(__name__)


class PrinterTrouble(Exception):
    """The printer cannot be used now."""

    def __init__(self, state: PrinterState) -> None:
        super().__init__(state)
        self.state = state


def look_at_all() -> int:
    """Ask each printer that nobody has heard of lately, and write it down; return how many were asked."""
    stale = clock.now() - FRESH
    kiosks = Device.objects.in_use().with_own_printer().filter(printer_answers=True)
    asked = list(kiosks.exclude(state__printer_at__gt=stale))
    for device in asked:
        note_printer(device=device, state=look(device))
    return len(asked)


def look(device: Device) -> PrinterState:
    """Ask the printer of `device` how it is, without printing."""
    try:
        with _opened(device) as printer:
            return _ask(printer)
    except PrinterTrouble as trouble:
        return trouble.state


def print_slip(device: Device, slip: Slip) -> PrinterState:
    """Print `slip` on the printer of `device`."""
    try:
        data = layout(slip, PaperWidth(device.paper_mm))
    except ImportError:
        return PrinterState.NO_DRIVER
    return send(device, data)


def send(device: Device, data: bytes) -> PrinterState:
    """Print `data` on the printer of `device`; READY or PAPER_LOW means that the slip is out."""
    try:
        with _opened(device) as printer:
            before = _ask(printer) if device.printer_answers else PrinterState.READY
            if before not in PRINTS:
                return before
            _write(printer, data)
            return _finished(printer, before) if device.printer_answers else before
    except PrinterTrouble as trouble:
        return trouble.state


def _finished(printer: Any, before: PrinterState) -> PrinterState:
    """Wait until the slip is out; when the paper ended meanwhile, the printer says so at once."""
    _write(printer, status.FINISHED)
    _patience(printer, FINISH_SECONDS)
    with contextlib.suppress(PrinterTrouble):
        _read(printer)
        return before
    # Some printers do not know this question: then what counts is how they are now.
    return _ask(printer)


@contextlib.contextmanager
def _opened(device: Device) -> Iterator[Any]:
    """Open the printer of `device`, and close it in any case."""
    printer = _printer(device)
    from escpos.exceptions import Error

    try:
        printer.open()
    except Error as error:
        raise PrinterTrouble(PrinterState.OFF) from error
    except RuntimeError as error:
        logger.warning("USB printing needs pyusb and libusb: %s", error)
        raise PrinterTrouble(PrinterState.NO_DRIVER) from error
    try:
        yield printer
    finally:
        printer.close()


def _printer(device: Device) -> Any:
    """Return the library's printer for `device`, not yet opened."""
    try:
        from escpos.printer import Network, Usb
    except ImportError as error:
        raise PrinterTrouble(PrinterState.NO_DRIVER) from error
    if device.printer_link == PrinterLink.USB:
        ids = int(device.usb_vendor, 16), int(device.usb_product, 16)
        return Usb(*ids, timeout=int(FINISH_SECONDS * 1000))
    # Asked again here: a row may be older than the rule, or written past the form.
    if not is_local(device.printer_address or ""):
        raise PrinterTrouble(PrinterState.REFUSED)
    return Network(device.printer_address, device.printer_port, timeout=CONNECT_SECONDS)


def _ask(printer: Any) -> PrinterState:
    """Ask all questions, one after the other; silence is an answer too."""
    _patience(printer, ANSWER_SECONDS)
    answers = {}
    for number in status.QUESTIONS:
        _write(printer, status.question(number))
        answers[number] = _answer(printer)
    return status.state_of(answers)


def _answer(printer: Any) -> int:
    found = [byte for byte in _read(printer) if status.is_answer(byte)]
    if not found:
        raise PrinterTrouble(PrinterState.SILENT)
    return found[-1]


def _patience(printer: Any, seconds: float) -> None:
    """Limit how long the next answers are waited for; the USB library has a limit of its own, a second."""
    if hasattr(printer.device, "settimeout"):
        printer.device.settimeout(seconds)


def _write(printer: Any, data: bytes) -> None:
    try:
        printer._raw(data)
    except OSError as error:
        raise PrinterTrouble(PrinterState.OFF) from error


def _read(printer: Any) -> bytes:
    try:
        found = bytes(printer._read())
    except OSError as error:
        # The USB library has a timeout class of its own.
        is_late = isinstance(error, TimeoutError) or error.errno == errno.ETIMEDOUT
        raise PrinterTrouble(PrinterState.SILENT if is_late else PrinterState.OFF) from error
    if not found:
        # The other side has closed.
        raise PrinterTrouble(PrinterState.OFF)
    return found
