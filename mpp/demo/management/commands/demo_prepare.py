"""`manage.py demo_prepare`: everything the demo needs before its first page."""

from __future__ import annotations

import os
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser

from mpp.core.errors import Refusal
from mpp.core.models import Mall
from mpp.demo import note, papers
from mpp.demo.guard import refuse_outside_demo
from mpp.packs import loader


class Command(BaseCommand):
    help = "Menyiapkan demo: mal contoh, buka khusus hari ini, dan akun contoh."
    # Every start waits for this command, and `make check` runs the checks.
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--migrate", action="store_true", help="siapkan tabelnya dulu")

    def handle(self, *args: Any, **options: Any) -> None:
        refuse_outside_demo()
        if options["migrate"]:
            call_command("migrate", interactive=False, verbosity=0, skip_checks=True)
        try:
            if not Mall.objects.exists():
                loader.load(os.environ.get("MALL") or "balangan")
            papers.prepare()
            prepared = note.renew()
        except Refusal as refusal:
            raise CommandError(str(refusal.message)) from refusal
        self.stdout.write(
            f"{prepared['mall']} siap untuk demo, dengan {len(prepared['signins'])} akun contoh."
        )
