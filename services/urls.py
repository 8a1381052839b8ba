"""Pages for whoever runs the floor."""

from __future__ import annotations

from django.urls import path

from services import views

urlpatterns = [
    path("lantai/gangguan/", views.trouble, name="trouble"),
    path("lantai/gangguan/<int:trouble_id>/perkiraan/", views.extend, name="trouble-extend"),
    path("lantai/gangguan/<int:trouble_id>/akhiri/", views.end, name="trouble-end"),
]
