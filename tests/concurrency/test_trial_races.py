"""Two people who decide one trial at once: one decides, the other is told."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction

from agreements import actions
from agreements.actions import trial as trial_actions
from agreements.enums import Verdict
from agreements.models import Trial, TrialDecision
from mpp.core import clock
from mpp.core.errors import Refusal
from tenants.enums import AgencyStatus, Role
from tenants.models import User
from tests import factories as make
from tests.concurrency.race import at_once
from tests.conftest import Place

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def admin() -> User:
    return make.make_user(Role.ADMIN)


@pytest.fixture
def trial(live_place: Place) -> Trial:
    agency = make.make_agency(status=AgencyStatus.TRIAL)
    today, now = clock.today(), clock.now()
    return Trial.objects.create(agency=agency, starts_on=today, ends_on=today, started_at=now)


def decided_at_once(trial: Trial, by: User) -> list[object]:
    return list(
        at_once(
            2,
            lambda index: actions.end_trial(trial=trial, verdict=Verdict.OPERATE, reason=str(index), by=by),
        )
    )


def test_of_two_decisions_at_once_the_second_is_told(trial: Trial, admin: User) -> None:
    [refused] = [one for one in decided_at_once(trial, admin) if isinstance(one, Exception)]
    assert isinstance(refused, Refusal)
    assert refused.code == "decided"
    assert TrialDecision.objects.count() == 1


def test_without_the_lock_the_database_still_lets_one_decide(
    trial: Trial, admin: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trial_actions, "_open", lambda trial: Trial.objects.get(pk=trial.pk))
    actions.end_trial(trial=trial, verdict=Verdict.OPERATE, reason="Lancar", by=admin)
    with pytest.raises(IntegrityError, match="agreements_trialdecision_one_end"), transaction.atomic():
        actions.end_trial(trial=trial, verdict=Verdict.OPERATE, reason="Lancar", by=admin)
