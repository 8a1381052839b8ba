"""`manage.py load_mall balangan`: one founding mall into an empty portal."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from mpp.core.errors import Refusal
from mpp.packs import loader


class Command(BaseCommand):
    help = "Memuat satu mal dari paketnya. Memuat dua kali tidak mengubah apa pun."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("pack", metavar="paket", help=", ".join(loader.packs()))
        parser.add_argument("--check", action="store_true", help="periksa saja, jangan simpan")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            tallies = loader.load(options["pack"], check=options["check"])
        except Refusal as refusal:
            raise CommandError(f"{refusal.message}\nTidak ada yang disimpan.") from refusal
        for tally in tallies:
            self.stdout.write(
                f"  {tally.label:<36} {tally.new:>5} baru {tally.changed:>5} berubah {tally.same:>5} tetap"
            )
        end = "Paket ini baik. Tidak ada yang disimpan." if options["check"] else "Paket sudah dimuat."
        self.stdout.write(end)
