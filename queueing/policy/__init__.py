"""The rules of the hall as pure functions: no database, no clock."""

from queueing.policy.order import OrderRule, Runs, Standing, call_order, next_lane, others_before
from queueing.policy.wait import Estimate, estimate

__all__ = [
    "Estimate",
    "OrderRule",
    "Runs",
    "Standing",
    "call_order",
    "estimate",
    "next_lane",
    "others_before",
]
