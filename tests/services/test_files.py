"""Files in process: promised by working days, moved on step by step, told of once, forgotten in time."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.db.utils import DatabaseError

from mpp.core import clock
from mpp.core.errors import NotFound, Refusal
from mpp.notifications import keeping, ways
from mpp.notifications.models import Message, Way
from mpp.notifications.wording import written
from services import actions, workflow
from services.access import find_submission
from services.enums import CalendarKind, SubmissionState
from services.enums import SubmissionStep as Step
from services.models import CalendarDay, OpeningHours, ServiceStandard, Submission, SubmissionEvent
from services.policy import after_working_days, working_days_between
from tests.conftest import Place
from tests.factories import LONG_AGO
from tests.queueing.pages import MONDAY_10

PHONE = "+6281234567890"


def weekdays_only() -> None:
    OpeningHours.objects.all().delete()
    for weekday in range(1, 6):
        OpeningHours.objects.create(
            weekday=weekday, opens_at=time(8), closes_at=time(15), valid_from=LONG_AGO
        )


def receive(place: Place, at: datetime = MONDAY_10, *, days: int | None = 3) -> Submission:
    """A file handed in at this moment, its holder told by telephone."""
    ServiceStandard.objects.filter(service=place.service).update(time_days=days)
    with clock.frozen(at), transaction.atomic():
        ways.choose(holder="ticket:1", channel="console", recipient=PHONE, words="Ya.")
        return actions.receive(service=place.service, origin="ticket:1", number="A-001", by=place.officer)


def move(file: Submission, *steps: str, at: datetime = MONDAY_10, note: str = "") -> Submission:
    for step in steps:
        at += timedelta(minutes=10)
        with clock.frozen(at):
            file = actions.take_step(submission=file, step=step, by=None, note=note)
    return file


def told(event: str) -> list[str]:
    return [written(message) for message in Message.objects.filter(event=event).order_by("pk")]


def test_working_days_are_counted_after_the_day_itself() -> None:
    friday = date(2026, 11, 27)
    assert after_working_days(friday, 0, lambda day: day.weekday() < 5) == friday
    assert after_working_days(friday, 1, lambda day: day.weekday() < 5) == date(2026, 11, 30)
    assert after_working_days(friday, 1, lambda day: False) is None
    assert working_days_between(friday, date(2026, 12, 1), lambda day: day.weekday() < 5) == 2
    assert working_days_between(friday, date(2026, 11, 20), lambda day: True) == 0


def test_the_promise_leaves_out_weekends_and_holidays(place: Place) -> None:
    weekdays_only()
    CalendarDay.objects.create(date=date(2026, 11, 25), name="Libur", kind=CalendarKind.LOCAL_HOLIDAY)
    assert receive(place, days=5).promised_on == date(2026, 12, 1)


def test_a_promise_beyond_the_ninety_days_of_a_schedule_is_found(place: Place) -> None:
    assert receive(place, days=100).promised_on == MONDAY_10.date() + timedelta(days=100)


def test_a_standard_without_days_promises_none_and_is_never_late(place: Place) -> None:
    file = receive(place, days=None)
    assert file.promised_on is None
    assert not Submission.objects.late(date(2030, 1, 1)).exists()


def test_the_days_of_completing_the_papers_are_not_the_agencys(place: Place) -> None:
    weekdays_only()
    file = move(receive(place), Step.PROCESS, Step.LACK, note="Kartu Keluarga")
    assert (file.state, file.note, file.promised_on) == ("INCOMPLETE", "Kartu Keluarga", date(2026, 11, 26))
    file = move(file, Step.COMPLETE, at=MONDAY_10 + timedelta(days=7))
    assert (file.note, file.promised_on) == ("", date(2026, 12, 3))


def test_what_was_late_before_stays_late(place: Place) -> None:
    file = move(receive(place), Step.LACK, at=MONDAY_10 + timedelta(days=10), note="materai")
    assert move(file, Step.COMPLETE, at=MONDAY_10 + timedelta(days=12)).promised_on == date(2026, 11, 26)


def test_a_file_goes_its_way_and_leaves_a_trail(place: Place) -> None:
    file = move(receive(place), Step.PROCESS, Step.READY, Step.HAND_OVER)
    assert file.state == SubmissionState.COLLECTED
    steps = list(file.events.order_by("pk").values_list("step", "source", "target"))
    assert steps == [
        ("receive", "", "RECEIVED"),
        ("process", "RECEIVED", "IN_PROCESS"),
        ("ready", "IN_PROCESS", "READY"),
        ("hand-over", "READY", "COLLECTED"),
    ]


@pytest.mark.parametrize("step", sorted(workflow.SUBMISSION.table))
def test_only_the_steps_of_the_table_are_taken(place: Place, step: str) -> None:
    file = receive(place)
    if step in workflow.SUBMISSION.available("RECEIVED"):
        assert move(file, step, note="sebab").state == workflow.SUBMISSION.table[step].target
        return
    with pytest.raises(Refusal) as caught:
        move(file, step, note="sebab")
    assert (caught.value.code, caught.value.status) == ("illegal_transition", 409)
    assert SubmissionEvent.objects.count() == 1


@pytest.mark.parametrize("step", [Step.LACK, Step.REJECT])
def test_asking_for_papers_and_turning_down_need_words(place: Place, step: str) -> None:
    with pytest.raises(Refusal) as caught:
        move(receive(place), step, note="  ")
    assert caught.value.code == "note_needed"


def test_the_database_refuses_a_leap_a_lost_note_and_a_rewritten_trail(place: Place) -> None:
    file = receive(place)
    row = Submission.objects.filter(pk=file.pk)
    for change in ({"state": "READY"}, {"note": "x"}, {"code": "34679CDF"}, {"code": None}):
        with pytest.raises((DatabaseError, IntegrityError)), transaction.atomic():
            row.update(**change)
    with pytest.raises(DatabaseError), transaction.atomic():
        file.events.update(note="lain")
    with pytest.raises(DatabaseError), transaction.atomic():
        row.delete()


def test_the_same_number_keeps_its_code_when_it_is_handed_in_again(place: Place) -> None:
    file = receive(place)
    with transaction.atomic():
        actions.withdraw(origin="ticket:1", by=place.officer)
    with pytest.raises(NotFound):
        find_submission(file.code or "")
    assert receive(place, clock.now()).code == file.code
    assert find_submission(file.spoken_code.lower().replace("-", " ")).pk == file.pk


def test_a_file_that_is_worked_on_cannot_be_taken_back(place: Place) -> None:
    move(receive(place), Step.PROCESS)
    with pytest.raises(Refusal), transaction.atomic():
        actions.withdraw(origin="ticket:1", by=place.officer)


def test_its_holder_is_told_when_it_is_ready_after_a_minute_of_second_thoughts(place: Place) -> None:
    file = move(receive(place), Step.PROCESS, Step.READY)
    [message] = Message.objects.filter(event="file_ready")
    assert message.due_at == file.since + timedelta(minutes=1)
    assert written(message) == (
        f"Berkas {file.spoken_code}, {place.service.name}, siap diambil. Bawa tanda terima atau kode ini."
    )
    move(file, Step.NOT_READY, at=MONDAY_10 + timedelta(minutes=20))
    assert told("file_ready") == told("file_not_ready") == []


def test_who_was_told_too_early_is_told_so(place: Place) -> None:
    file = move(receive(place), Step.PROCESS, Step.READY)
    Message.objects.update(attempts=1)
    move(file, Step.NOT_READY, at=MONDAY_10 + timedelta(days=1))
    assert len(told("file_ready")) == len(told("file_not_ready")) == 1


def test_its_holder_is_told_what_is_missing_and_that_it_was_turned_down(place: Place) -> None:
    file = move(receive(place), Step.LACK, note="Kartu Keluarga; materai.")
    assert "kurang: Kartu Keluarga; materai. Bawa" in told("file_lacking")[0]
    move(file, Step.REJECT, at=MONDAY_10 + timedelta(days=1), note="Bukan warga sini")
    assert "Bukan warga" not in told("file_rejected")[0]


def test_a_late_file_is_told_of_once_and_by_day(place: Place) -> None:
    file = receive(place)
    due = datetime.combine(file.promised_on or MONDAY_10.date(), time(10), MONDAY_10.tzinfo)
    for at, many in ((due, 0), (due + timedelta(hours=16), 0), (due + timedelta(days=1), 1)):
        with clock.frozen(at):
            actions.tell_late()
        assert len(told("file_late")) == many
    Message.objects.all().delete()
    with clock.frozen(due + timedelta(days=40)):
        assert actions.tell_late() == 0


def test_nobody_is_told_of_a_file_that_waits_for_its_holder(place: Place) -> None:
    move(receive(place), Step.LACK, note="materai")
    with clock.frozen(MONDAY_10 + timedelta(days=20)):
        assert actions.tell_late() == 0


def test_the_telephone_stays_while_the_file_runs_and_goes_after_it(place: Place) -> None:
    file = receive(place, days=60)
    holder = f"submission:{file.pk}"

    def is_known(day: int) -> bool:
        with clock.frozen(MONDAY_10 + timedelta(days=day)):
            keeping.forget_old()
        return Way.objects.filter(holder=holder).exists()

    assert is_known(89)
    assert not Way.objects.filter(holder="ticket:1").exists()
    move(file, Step.REJECT, at=MONDAY_10 + timedelta(days=50), note="sebab")
    Message.objects.all().delete()
    assert not is_known(51)


def test_a_file_that_nobody_moves_does_not_keep_a_telephone_for_ever(place: Place) -> None:
    receive(place, days=5)
    with clock.frozen(MONDAY_10 + timedelta(days=36)):
        keeping.forget_old()
    assert not Way.objects.exists()


def test_the_code_is_forgotten_after_the_malls_days(place: Place) -> None:
    file = move(receive(place), Step.REJECT, note="sebab")
    for day, many in ((30, 0), (31, 1), (31, 0)):
        with clock.frozen(MONDAY_10 + timedelta(days=day)):
            assert actions.forget_ended() == many
    with pytest.raises(NotFound):
        find_submission(file.code or "")
    file.refresh_from_db()
    assert (file.code, file.origin, file.number, file.note) == (None, None, "", "")
