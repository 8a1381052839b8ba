"""The tables of agreements, as files bring them."""

from agreements.resources.instruments import (
    InstrumentPartyResource,
    InstrumentResource,
    SigningEventResource,
)
from agreements.resources.letters import LetterResource
from agreements.resources.meetings import MeetingResource
from agreements.resources.milestones import MilestoneResource
from agreements.resources.promises import PromiseResource
from agreements.resources.readiness import ReadinessCriterionResource
from agreements.resources.workplan import WorkItemResource

__all__ = [
    "InstrumentPartyResource",
    "InstrumentResource",
    "LetterResource",
    "MeetingResource",
    "MilestoneResource",
    "PromiseResource",
    "ReadinessCriterionResource",
    "SigningEventResource",
    "WorkItemResource",
]
