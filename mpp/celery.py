"""The worker and its timetable. No request ever calls `.delay()`: it may block on a hung Redis."""

from __future__ import annotations

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mpp.settings")

app = Celery("mpp")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()

# Every job is safe to run twice, late, or not at all for a while. `expires` keeps a worker that
# comes back after an outage from running the same job a hundred times.
app.conf.beat_schedule = {
    "core.beat_tick": {"task": "core.beat_tick", "schedule": 10.0, "options": {"expires": 10}},
    "notifications.relay": {"task": "notifications.relay", "schedule": 1.0, "options": {"expires": 2}},
    "queueing.close_past_days": {
        "task": "queueing.close_past_days",
        "schedule": 300.0,
        "options": {"expires": 300},
    },
    "queueing.carry_leftovers": {
        "task": "queueing.carry_leftovers",
        "schedule": 120.0,
        "options": {"expires": 120},
    },
    "queueing.expire_bookings": {
        "task": "queueing.expire_bookings",
        "schedule": 300.0,
        "options": {"expires": 300},
    },
    "queueing.settle_closed": {
        "task": "queueing.settle_closed",
        "schedule": 60.0,
        "options": {"expires": 60},
    },
    "queueing.offer_places": {"task": "queueing.offer_places", "schedule": 30.0, "options": {"expires": 30}},
    "notifications.forget_old": {
        "task": "notifications.forget_old",
        "schedule": 3600.0,
        "options": {"expires": 3600},
    },
    # Not inside a call: this may cost a read of the line, and nobody waits for it.
    "queueing.tell_nearing": {"task": "queueing.tell_nearing", "schedule": 2.0, "options": {"expires": 2}},
    "queueing.tell_numbers_again": {
        "task": "queueing.tell_numbers_again",
        "schedule": 20.0,
        "options": {"expires": 20},
    },
    "queueing.remind_bookings": {
        "task": "queueing.remind_bookings",
        "schedule": 600.0,
        "options": {"expires": 600},
    },
    "queueing.tell_trouble": {"task": "queueing.tell_trouble", "schedule": 30.0, "options": {"expires": 30}},
    "queueing.look_at_printers": {
        "task": "queueing.look_at_printers",
        "schedule": 60.0,
        "options": {"expires": 60},
    },
    "queueing.forget_past": {
        "task": "queueing.forget_past",
        "schedule": 3600.0,
        "options": {"expires": 3600},
    },
    "queueing.advise": {"task": "queueing.advise", "schedule": 5.0, "options": {"expires": 5}},
    "services.fill_calendar": {
        "task": "services.fill_calendar",
        "schedule": 86400.0,
        "options": {"expires": 3600},
    },
    "services.keep_files": {"task": "services.keep_files", "schedule": 600.0, "options": {"expires": 600}},
    "agreements.refresh": {"task": "agreements.refresh", "schedule": 3600.0, "options": {"expires": 3600}},
    "agreements.compute_evaluations": {
        "task": "agreements.compute_evaluations",
        "schedule": 15.0,
        "options": {"expires": 15},
    },
    "agreements.keep_counted": {
        "task": "agreements.keep_counted",
        "schedule": 3600.0,
        "options": {"expires": 3600},
    },
    "agreements.report_absences": {
        "task": "agreements.report_absences",
        "schedule": 300.0,
        "options": {"expires": 300},
    },
    "agreements.make_reports": {
        "task": "agreements.make_reports",
        "schedule": 3.0,
        "options": {"expires": 3},
    },
    "agreements.forget_reports": {
        "task": "agreements.forget_reports",
        "schedule": 3600.0,
        "options": {"expires": 3600},
    },
    "core.clear_sessions": {"task": "core.clear_sessions", "schedule": 3600.0, "options": {"expires": 3600}},
    "demo.open_today": {"task": "demo.open_today", "schedule": 600.0, "options": {"expires": 600}},
}
