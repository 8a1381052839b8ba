"""The people of the demo: one of each role, and an officer for every agency at every counter."""

from __future__ import annotations

import itertools
from dataclasses import asdict, dataclass
from typing import Any

from django.contrib.auth.hashers import make_password
from django.db import transaction

from mpp.core import clock
from tenants.enums import Role
from tenants.models import Agency, CounterDuty, Placement, User
from tenants.permissions import ADMIN_ROLES

# Made-up names: nobody who works there.
FIRST_NAMES = (
    "Siti",
    "Ahmad",
    "Rina",
    "Budi",
    "Dewi",
    "Hendra",
    "Lestari",
    "Yusuf",
    "Nurul",
    "Agus",
    "Wulan",
    "Rizki",
)
LAST_NAMES = ("Rahmah", "Fauzi", "Handayani", "Saputra", "Maulida", "Kurniawan", "Hasanah", "Pratama")
SINGLES = {
    Role.ADMIN: "admin",
    Role.FLOOR_MANAGER: "pengelola-lantai",
    Role.RECEPTIONIST: "penerima-tamu",
    Role.AUDITOR: "auditor",
}


@dataclass(frozen=True)
class SignIn:
    """How one person of the demo signs in; `counter` is the one this person opens today."""

    role: str
    username: str
    password: str
    agency: str | None = None
    counter: str | None = None

    def as_dict(self) -> dict[str, Any]:
        """Return the entry of `demo_signin --json`."""
        return asdict(self)


@dataclass(frozen=True)
class Person:
    """Somebody the demo needs."""

    username: str
    role: Role
    duty: CounterDuty | None = None
    agency: Agency | None = None


def wanted() -> list[Person]:
    """Return everybody the demo needs, the officers in the order of their counters."""
    duties = CounterDuty.objects.filter(counter__is_active=True).select_related("counter", "agency")
    officers: dict[str, Person] = {}
    for duty in duties.order_by("counter__position", "counter__number", "weekday"):
        name = f"{duty.agency.slug}-{duty.counter.number}".lower()
        officers.setdefault(name, Person(name, Role.OFFICER, duty, duty.agency))
    first = next(iter(officers.values())).agency if officers else None
    people = [Person(username, role) for role, username in SINGLES.items()]
    if first is not None:
        people.append(Person(f"pengelola-{first.slug}", Role.AGENCY_MANAGER, agency=first))
    return [*officers.values(), *people]


def prepare(password: str) -> int:
    """See to it that everybody is there and placed, all with `password`; return how many.

    One hash for all: Argon2 takes a quarter of a second each.
    """
    people = wanted()
    with transaction.atomic():
        present = {
            user.username: user for user in User.objects.filter(username__in=[p.username for p in people])
        }
        names = itertools.cycle(itertools.product(LAST_NAMES, FIRST_NAMES))
        pairs = zip(people, names, strict=False)
        fresh = [
            _user(person, first, last) for person, (last, first) in pairs if person.username not in present
        ]
        present |= {user.username: user for user in User.objects.bulk_create(fresh)}
        User.objects.filter(pk__in=[user.pk for user in present.values()]).update(
            password=make_password(password), is_active=True
        )
        _place(people, present)
    return len(people)


def _user(person: Person, first: str, last: str) -> User:
    return User(
        username=person.username,
        first_name=first,
        last_name=last,
        role=person.role,
        is_staff=person.role in ADMIN_ROLES,
        date_joined=clock.now(),
    )


def _place(people: list[Person], users: dict[str, User]) -> None:
    today = clock.today()
    placed = set(Placement.objects.on(today).values_list("user", flat=True))
    for person in people:
        user = users[person.username]
        if person.agency is not None and user.pk not in placed:
            counter = person.duty.counter if person.duty else None
            Placement.objects.create(
                user=user,
                agency=person.agency,
                counter=counter,
                starts_on=today,
                letter_number="Surat tugas contoh",
            )


def sign_ins(password: str) -> list[SignIn]:
    """Return how everybody signs in, as things stand today: one of each role first.

    An officer whose agency has the counter on another weekday has no counter today.
    """
    today = set(CounterDuty.objects.on(clock.today()).values_list("counter", "agency"))
    entries = [_sign_in(person, password, today) for person in wanted()]
    with_counter = [entry for entry in entries if entry.counter]
    roles = [entry for entry in entries if entry.role != Role.OFFICER.lower()]
    elsewhere = [entry for entry in entries if entry not in with_counter and entry not in roles]
    return [*with_counter[:1], *roles, *with_counter[1:], *elsewhere]


def _sign_in(person: Person, password: str, today: set[tuple[int, int]]) -> SignIn:
    duty = person.duty
    counter = duty.counter.code if duty and (duty.counter_id, duty.agency_id) in today else None
    agency = person.agency.code if person.agency else None
    return SignIn(person.role.lower(), person.username, password, agency, counter)
