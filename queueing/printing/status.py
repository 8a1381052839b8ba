"""What a receipt printer answers about itself: one byte for each question (ESC/POS `DLE EOT`)."""

from __future__ import annotations

from collections.abc import Mapping

from tenants.enums import PrinterState

# Why it is offline; what is wrong; how the paper is. Answered at once, even while it cannot print.
OFFLINE, FAULT, PAPER = 2, 3, 4
QUESTIONS = (OFFLINE, FAULT, PAPER)
# Answered only after all that was sent before has been printed (`GS r`).
FINISHED = b"\x1dr\x01"

# These bits never change: anything else on the line is no answer.
FIXED, FIXED_VALUE = 0x93, 0x12


def question(number: int) -> bytes:
    """Return the bytes that ask question `number`."""
    return bytes([0x10, 0x04, number])


def is_answer(byte: int) -> bool:
    """Tell whether `byte` can be the answer to one of the three questions."""
    return byte & FIXED == FIXED_VALUE


def state_of(answers: Mapping[int, int]) -> PrinterState:
    """Return what the three answers mean; of several faults the one that a hand can mend."""
    offline, fault, paper = answers[OFFLINE], answers[FAULT], answers[PAPER]
    if offline & 0x04:
        return PrinterState.COVER_OPEN
    if paper & 0x60 or offline & 0x20:
        return PrinterState.PAPER_OUT
    if fault & 0x6C or offline & 0x40:
        return PrinterState.JAMMED
    return PrinterState.PAPER_LOW if paper & 0x0C else PrinterState.READY
