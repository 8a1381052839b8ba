"""On what terms agencies are in the mall."""

from agreements.models.attendance import AbsenceReport, AttendanceRules, Leave
from agreements.models.evaluation import EvaluationFigure, EvaluationPeriod, EvaluationSheet
from agreements.models.findings import Finding
from agreements.models.instruments import (
    AgreementRules,
    Instrument,
    InstrumentFile,
    InstrumentParty,
    InstrumentReminder,
    InstrumentStep,
    KindRule,
    SigningEvent,
)
from agreements.models.letters import Letter
from agreements.models.meetings import Attendee, Decision, Meeting
from agreements.models.milestones import Milestone, PlanMove
from agreements.models.promises import Promise, PromisedCounter, PromisedDay, PromisedService
from agreements.models.readiness import ReadinessCheck, ReadinessCriterion
from agreements.models.reports import Report
from agreements.models.road import JoiningAgency
from agreements.models.trial import Trial, TrialDecision
from agreements.models.workplan import WorkItem, WorkStep

__all__ = [
    "AbsenceReport",
    "AgreementRules",
    "AttendanceRules",
    "Attendee",
    "Decision",
    "EvaluationFigure",
    "EvaluationPeriod",
    "EvaluationSheet",
    "Finding",
    "Instrument",
    "InstrumentFile",
    "InstrumentParty",
    "InstrumentReminder",
    "InstrumentStep",
    "JoiningAgency",
    "KindRule",
    "Leave",
    "Letter",
    "Meeting",
    "Milestone",
    "PlanMove",
    "Promise",
    "PromisedCounter",
    "PromisedDay",
    "PromisedService",
    "ReadinessCheck",
    "ReadinessCriterion",
    "Report",
    "SigningEvent",
    "Trial",
    "TrialDecision",
    "WorkItem",
    "WorkStep",
]
