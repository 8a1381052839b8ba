"""Addresses for providers."""

from __future__ import annotations

from django.urls import path

from mpp.notifications import webhooks

urlpatterns = [
    path("pesan/whatsapp/", webhooks.whatsapp, name="hook-whatsapp"),
    path("pesan/fonnte/<str:key>/", webhooks.fonnte, name="hook-fonnte"),
    path("pesan/sms/<str:key>/", webhooks.sms, name="hook-sms"),
]
