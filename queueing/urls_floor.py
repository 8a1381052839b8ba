"""The floor view, and a counter's call for help.

Included before urls_console: there anything below a counter's address is a step of its number.
"""

from __future__ import annotations

from django.urls import path

from queueing.views import floor, help

urlpatterns = [
    path("lantai/", floor.floor, name="floor"),
    path("lantai/loket/<int:counter_id>/buka/", floor.open_counter, name="floor-open"),
    path("lantai/loket/<int:counter_id>/tutup/", floor.close_counter, name="floor-close"),
    path("lantai/loket/<int:counter_id>/jeda/", floor.pause, name="floor-pause"),
    path("lantai/loket/<int:counter_id>/lanjut/", floor.go_on, name="floor-go-on"),
    path("lantai/loket/<int:counter_id>/pindah/", floor.move, name="floor-move"),
    path("lantai/loket/<int:counter_id>/minta/", floor.ask_officers, name="floor-ask"),
    path("lantai/antrean/<int:queue_id>/tambah/", floor.add_quota, name="floor-quota"),
    path("lantai/bantuan/<int:call_id>/datang/", floor.answer_help, name="floor-help"),
    path("lantai/perangkat/<int:device_id>/gulungan/", floor.new_roll, name="floor-roll"),
    path("lantai/pengumuman/", floor.announce, name="floor-announce"),
    path(
        "lantai/pengumuman/<int:announcement_id>/akhiri/",
        floor.end_announcement,
        name="floor-announcement-end",
    ),
    path("lantai/saran/", floor.ask_advice, name="floor-advice"),
    path("loket/<int:session_id>/bantuan/", help.call_help, name="console-help"),
    path("loket/<int:session_id>/bantuan/batal/", help.withdraw_help, name="console-help-withdraw"),
]
