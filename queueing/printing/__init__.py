"""Slips on a receipt printer that the portal reaches itself: what stands on them, their bytes, the way there.

Never part of issuing: the kiosk's page asks for its slip once the number is safe.
"""

from queueing.printing.contents import slip_of, test_slip
from queueing.printing.sending import look_at_all, print_slip

__all__ = ["look_at_all", "print_slip", "slip_of", "test_slip"]
