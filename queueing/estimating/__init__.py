"""The time until a number's call, as a low and a high number of minutes: pure, fast, learned from the past.

`learn` makes a table of service times, `Forecast` the ranges of one line at one moment, `show` what a
page keeps showing. Moments are minutes after local midnight, durations minutes.
"""

from queueing.estimating.forecast import NOMINAL, Forecast
from queueing.estimating.present import Ahead, Desk, OtherLine, Present, called_first
from queueing.estimating.showing import Cause, Facts, Range, Shown, rounded, show, visible
from queueing.estimating.times import LEAST_OBSERVATIONS, Habits, Observed, ServiceTime, Times, learn

__all__ = [
    "LEAST_OBSERVATIONS",
    "NOMINAL",
    "Ahead",
    "Cause",
    "Desk",
    "Facts",
    "Forecast",
    "Habits",
    "Observed",
    "OtherLine",
    "Present",
    "Range",
    "ServiceTime",
    "Shown",
    "Times",
    "called_first",
    "learn",
    "rounded",
    "show",
    "visible",
]
