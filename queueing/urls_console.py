"""The officer console."""

from __future__ import annotations

from django.urls import path

from queueing.views import console

urlpatterns = [
    path("loket/", console.console, name="console"),
    path("loket/buka/", console.open_counter, name="console-open"),
    path("loket/<int:session_id>/tutup/", console.close_counter, name="console-close"),
    path("loket/<int:session_id>/panggil/", console.call_next, name="console-call"),
    path("loket/<int:session_id>/tanpa-nomor/", console.walk_in, name="console-walk-in"),
    path("loket/<int:session_id>/urungkan/", console.undo, name="console-undo"),
    path("loket/<int:session_id>/jeda/", console.pause, name="console-pause"),
    path("loket/<int:session_id>/lanjut/", console.go_on, name="console-go-on"),
    path("loket/<int:session_id>/nomor/", console.out_of_turn, name="console-number"),
    path("loket/<int:session_id>/masuk-lagi/", console.re_enter, name="console-re-enter"),
    path("loket/<int:session_id>/<slug:step>/", console.take_step, name="console-step"),
]
