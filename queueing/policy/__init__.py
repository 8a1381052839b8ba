"""The rules of the hall as pure functions: no database, no clock."""

from dataclasses import dataclass

from queueing.policy.order import OrderRule, Runs, Standing, call_order, next_lane, others_before


@dataclass(frozen=True)
class Estimate:
    """A range of minutes until the call: `low_minutes` to `high_minutes`."""

    low_minutes: int
    high_minutes: int


__all__ = [
    "Estimate",
    "OrderRule",
    "Runs",
    "Standing",
    "call_order",
    "next_lane",
    "others_before",
]
