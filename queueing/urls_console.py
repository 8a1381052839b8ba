"""The officer console."""

from __future__ import annotations

from django.urls import path

from queueing.views import console, desk_screen, filed, lacking

urlpatterns = [
    path("loket/", console.console, name="console"),
    path("loket/kunci/", desk_screen.lock, name="desk-lock"),
    path("loket/buka-kunci/", desk_screen.unlock, name="desk-unlock"),
    path("loket/masuk-lagi/", desk_screen.leave, name="desk-leave"),
    path("loket/masih-di-sini/", desk_screen.stay, name="desk-stay"),
    path("loket/pintasan/", console.switch_keys, name="console-keys"),
    path("loket/buka/", console.open_counter, name="console-open"),
    path("loket/<int:session_id>/tutup/", console.close_counter, name="console-close"),
    path("loket/<int:session_id>/panggil/", console.call_next, name="console-call"),
    path("loket/<int:session_id>/tanpa-nomor/", console.walk_in, name="console-walk-in"),
    path("loket/<int:session_id>/urungkan/", console.undo, name="console-undo"),
    path("loket/<int:session_id>/jeda/", console.pause, name="console-pause"),
    path("loket/<int:session_id>/lanjut/", console.go_on, name="console-go-on"),
    path("loket/<int:session_id>/nomor/", console.out_of_turn, name="console-number"),
    path("loket/<int:session_id>/masuk-lagi/", console.re_enter, name="console-re-enter"),
    path("loket/<int:session_id>/kurang/<int:ticket_id>/", lacking.slip, name="console-lacking"),
    path("loket/<int:session_id>/berkas/<int:ticket_id>/", filed.slip, name="console-file"),
    path("loket/<int:session_id>/<slug:step>/", console.take_step, name="console-step"),
]
