"""Signing in and out."""

from __future__ import annotations

from django.urls import path

from tenants import views

urlpatterns = [
    path("akun/", views.after_sign_in, name="after-sign-in"),
    path("akun/masuk/", views.sign_in, name="sign-in"),
    path("akun/keluar/", views.sign_out, name="sign-out"),
]
