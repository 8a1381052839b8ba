"""`manage.py fill_calendar 2027`: national holidays and joint leaves into the calendar."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from mpp.core import clock
from mpp.core.errors import Refusal
from mpp.core.mall import current
from services import actions


class Command(BaseCommand):
    help = "Mengisi libur nasional dan cuti bersama. Mengisi dua kali tidak mengubah apa pun."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("year", metavar="tahun", type=int, nargs="?", help="kosong: tahun ini")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            with timezone.override(current().timezone):
                year = options["year"] or clock.today().year
                filled = actions.fill_calendar(year=year)
        except Refusal as refusal:
            raise CommandError(f"{refusal.message}\nTidak ada yang disimpan.") from refusal
        new = f"{filled.added} hari baru ({filled.estimated} perkiraan)"
        self.stdout.write(f"Tahun {year}: {new}, {filled.known} sudah ada.")
