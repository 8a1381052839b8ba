"""Signing in and out, and becoming a device of the hall."""

from __future__ import annotations

from django.urls import path

from tenants import device_views, views

urlpatterns = [
    path("akun/", views.after_sign_in, name="after-sign-in"),
    path("akun/saya/", views.account, name="account"),
    path("akun/masuk/", views.sign_in, name="sign-in"),
    path("akun/keluar/", views.sign_out, name="sign-out"),
    path("perangkat/", device_views.pairing, name="device"),
    path("perangkat/detak/", device_views.beat, name="device-beat"),
]
