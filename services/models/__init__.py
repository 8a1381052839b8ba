"""What is offered and when: catalogue, hours, calendar, trouble; files in process; what the mall says."""

from services.models.catalogue import Requirement, Service, ServiceStandard
from services.models.guide import OWN_ADDRESSES, Facility, GuidePage, News, Question, Synonym
from services.models.hours import CalendarDay, OfferedDay, OpeningHours
from services.models.submissions import Submission, SubmissionEvent
from services.models.trouble import Disruption

__all__ = [
    "OWN_ADDRESSES",
    "CalendarDay",
    "Disruption",
    "Facility",
    "GuidePage",
    "News",
    "OfferedDay",
    "OpeningHours",
    "Question",
    "Requirement",
    "Service",
    "ServiceStandard",
    "Submission",
    "SubmissionEvent",
    "Synonym",
]
