"""On what terms agencies are in the mall."""

from agreements.models.attendance import AbsenceReport, AttendanceRules
from agreements.models.evaluation import EvaluationFigure, EvaluationPeriod, EvaluationSheet
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

__all__ = [
    "AbsenceReport",
    "AgreementRules",
    "AttendanceRules",
    "EvaluationFigure",
    "EvaluationPeriod",
    "EvaluationSheet",
    "Finding",
    "Instrument",
    "InstrumentParty",
    "InstrumentReminder",
    "InstrumentStep",
    "KindRule",
    "Promise",
    "PromisedCounter",
    "PromisedDay",
    "PromisedService",
    "SigningEvent",
]
