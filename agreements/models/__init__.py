"""On what terms agencies are in the mall."""

from agreements.models.findings import Finding
from agreements.models.instruments import (
    AgreementRules,
    Instrument,
    InstrumentParty,
    InstrumentReminder,
    InstrumentStep,
    KindRule,
    SigningEvent,
)
from agreements.models.promises import Promise, PromisedCounter, PromisedDay, PromisedService
from agreements.models.readiness import ReadinessCheck, ReadinessCriterion
from agreements.models.road import JoiningAgency
from agreements.models.trial import Trial, TrialDecision

__all__ = [
    "AgreementRules",
    "Finding",
    "Instrument",
    "InstrumentParty",
    "InstrumentReminder",
    "InstrumentStep",
    "JoiningAgency",
    "KindRule",
    "Promise",
    "PromisedCounter",
    "PromisedDay",
    "PromisedService",
    "ReadinessCheck",
    "ReadinessCriterion",
    "SigningEvent",
    "Trial",
    "TrialDecision",
]
