"""Pages for whoever runs the floor, and for the agencies that work on files."""

from __future__ import annotations

from django.urls import path

from services.views import files, trouble

urlpatterns = [
    path("lantai/gangguan/", trouble.trouble, name="trouble"),
    path("lantai/gangguan/<int:trouble_id>/perkiraan/", trouble.extend, name="trouble-extend"),
    path("lantai/gangguan/<int:trouble_id>/akhiri/", trouble.end, name="trouble-end"),
    path("loket/berkas/", files.board, name="files"),
    path("loket/berkas/<int:file_id>/<slug:step>/", files.take_step, name="file-step"),
]
