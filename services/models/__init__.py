"""What is offered and when: the catalogue, the opening hours, the calendar, trouble."""

from services.models.catalogue import Requirement, Service, ServiceStandard
from services.models.hours import CalendarDay, OfferedDay, OpeningHours
from services.models.trouble import Disruption

__all__ = [
    "CalendarDay",
    "Disruption",
    "OfferedDay",
    "OpeningHours",
    "Requirement",
    "Service",
    "ServiceStandard",
]
