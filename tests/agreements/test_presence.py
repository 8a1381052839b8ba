"""Who is late, who left early, who is missing: every figure counted by hand."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from agreements.presence import DaySheet, Owed, Seen, Tolerance, judge

MONDAY = date(2026, 3, 2)
SITI, BUDI, RINA = 1, 2, 3


def at(clock: str, day: date = MONDAY) -> datetime:
    return datetime.fromisoformat(f"{day} {clock}")


def span(start: str, end: str) -> tuple[datetime, datetime]:
    return at(start), at(end)


# 08.00 to 12.00 and 13.00 to 15.00: six hours.
TWO = Owed(MONDAY, 2, (span("08:00", "12:00"), span("13:00", "15:00")))


def sheet(owed: Owed = TWO, *, until: str = "23:00", **stays: list[tuple[datetime, datetime]]) -> DaySheet:
    people = {"siti": SITI, "budi": BUDI, "rina": RINA}
    named = {people[name]: spans for name, spans in stays.items()}
    return judge(owed, Seen(named), until=at(until), tolerance=Tolerance(15, 15))


def test_a_whole_day_of_two_keeps_twelve_hours() -> None:
    found = sheet(siti=[span("07:50", "15:10")], budi=[span("08:00", "15:00")])
    assert found.kept == found.owed.promised == timedelta(hours=12)
    assert (found.missing, found.late, found.early, found.late_opening) == (0, (), (), 0)


def test_the_break_is_not_counted() -> None:
    found = sheet(siti=[span("11:00", "14:00")])
    assert found.people[0].served == timedelta(hours=2)


def test_fifteen_minutes_are_forgiven_and_sixteen_are_not() -> None:
    found = sheet(siti=[span("08:15", "15:00")], budi=[span("08:16", "15:00")])
    assert [(person.user_id, person.late_minutes) for person in found.people] == [(SITI, 0), (BUDI, 16)]
    assert found.late_opening == 0


def test_the_opening_is_late_when_the_first_is() -> None:
    found = sheet(siti=[span("08:40", "15:00")], budi=[span("09:30", "15:00")])
    assert found.late_opening == 40
    assert [person.late_minutes for person in found.late] == [40, 90]


def test_who_leaves_early_is_seen_once_the_day_is_over() -> None:
    siti, budi = [span("08:00", "14:30")], [span("08:00", "15:00")]
    early = sheet(siti=siti, budi=budi).early
    assert [(person.user_id, person.early_minutes) for person in early] == [(SITI, 30)]
    assert sheet(until="14:45", siti=siti, budi=budi).early == ()


def test_one_of_two_is_missing() -> None:
    found = sheet(siti=[span("08:00", "15:00")])
    assert (found.came, found.missing, found.kept) == (1, 1, timedelta(hours=6))


def test_nobody_came() -> None:
    found = sheet()
    assert (found.came, found.missing, found.first, found.kept) == (0, 2, None, timedelta())


def test_outside_the_hours_is_not_there() -> None:
    assert sheet(siti=[span("06:00", "07:30"), span("16:00", "17:00")]).came == 0


def test_a_change_of_shift_is_neither_late_nor_early() -> None:
    one = Owed(MONDAY, 1, (span("08:00", "15:00"),))
    found = sheet(one, siti=[span("08:00", "11:30")], budi=[span("11:30", "15:00")])
    assert (found.late, found.early) == ((), ())
    assert [person.is_extra for person in found.people] == [False, True]
    assert found.kept == timedelta(hours=7)


def test_a_third_person_does_not_make_up_for_another_day() -> None:
    whole = [span("08:00", "15:00")]
    found = sheet(siti=whole, budi=whole, rina=whole)
    assert found.kept == timedelta(hours=12)
    assert [person.is_extra for person in found.people] == [False, False, True]


def test_a_counter_opened_twice_is_one_person() -> None:
    found = sheet(siti=[span("08:00", "09:00"), span("10:00", "15:00")])
    assert found.came == 1
    assert (found.people[0].first, found.people[0].last) == (at("08:00"), at("15:00"))
    assert found.people[0].served == timedelta(hours=5)


def on_leave(owed: Owed, leaves: dict[int, str], *came: int) -> DaySheet:
    stays = {person: [span("08:00", "15:00")] for person in came}
    return judge(owed, Seen(stays, leaves=leaves), until=at("23:00"), tolerance=Tolerance(15, 15))


def test_a_leave_explains_an_absence_and_does_not_meet_the_promise() -> None:
    found = on_leave(TWO, {BUDI: "LEAVE"}, SITI)
    assert (found.missing, found.uncovered, found.unexcused) == (1, 1, 0)
    assert found.kept == timedelta(hours=6)


def test_who_stands_in_meets_it() -> None:
    found = on_leave(TWO, {BUDI: "SICK"}, SITI, RINA)
    assert (found.missing, found.uncovered, found.excused) == (0, 0, ((BUDI, "SICK"),))


def test_one_leave_does_not_explain_two_absences() -> None:
    found = on_leave(TWO, {BUDI: "LEAVE"})
    assert (found.missing, found.uncovered, found.unexcused) == (2, 1, 1)


def test_who_came_in_spite_of_a_leave_is_not_excused() -> None:
    assert on_leave(TWO, {SITI: "LEAVE"}, SITI, BUDI).excused == ()


def test_a_rest_leaves_the_counters_empty_only_when_nobody_else_sits() -> None:
    whole = [span("08:00", "15:00")]
    rests = {SITI: [span("10:00", "10:40")], BUDI: [span("10:30", "11:00")]}
    alone = judge(TWO, Seen({SITI: whole}, rests), until=at("23:00"), tolerance=Tolerance(15, 15))
    both = judge(TWO, Seen({SITI: whole, BUDI: whole}, rests), until=at("23:00"), tolerance=Tolerance(15, 15))
    assert (alone.left_empty, both.left_empty) == (timedelta(minutes=40), timedelta(minutes=10))


def test_a_rest_during_the_break_leaves_nothing_empty() -> None:
    seen = Seen({SITI: [span("08:00", "15:00")]}, {SITI: [span("11:50", "13:05")]})
    found = judge(TWO, seen, until=at("23:00"), tolerance=Tolerance(15, 15))
    assert found.left_empty == timedelta(minutes=15)
