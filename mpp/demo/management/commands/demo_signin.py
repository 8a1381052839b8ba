"""`manage.py demo_signin --json`: how everybody of the demo signs in."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from mpp.core.errors import Refusal
from mpp.demo import note
from mpp.demo.guard import refuse_outside_demo


class Command(BaseCommand):
    help = "Menampilkan akun contoh dari demo yang sedang berjalan."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="sebagai JSON, untuk program")

    def handle(self, *args: Any, **options: Any) -> None:
        refuse_outside_demo()
        try:
            entries = note.sign_ins()
        except Refusal as refusal:
            raise CommandError(str(refusal.message)) from refusal
        if options["json"]:
            self.stdout.write(json.dumps(entries, ensure_ascii=False))
            return
        for entry in entries:
            place = " ".join(filter(None, (entry["agency"], entry["counter"])))
            self.stdout.write(f"{entry['role']:<16} {entry['username']:<32} {entry['password']:<14} {place}")
