"""Forms of the admin: the rules of a line and of the hall, in words a clerk understands."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from queueing.models import HallRules, Queue

if TYPE_CHECKING:
    RuleForm = forms.ModelForm[Any]
else:
    RuleForm = forms.ModelForm

SHARES = ("online_percent", "kiosk_percent", "staff_percent", "booked_percent", "priority_percent")


class QueueForm(RuleForm):
    """A line with all its rules."""

    class Meta:
        model = Queue
        fields = ["code"]
        help_texts = {
            "code": _("Tetap sama selamanya, misalnya Q-DKC. Dipakai berkas CSV dan program lain."),
            "prefix": _("Huruf di depan nomor: A menjadi A-001. Tidak boleh sama dengan antrean lain."),
            "is_active": _("Matikan bila antrean tidak dipakai lagi. Nomor lama tetap tersimpan."),
            "daily_quota": _("Paling banyak nomor sehari, semua pintu bersama. Kosong: tanpa batas."),
            "online_percent": _(
                "Untuk yang mengambil lewat ponsel. Baku 50: separuh tetap untuk yang datang."
            ),
            "kiosk_percent": _("Hanya untuk anjungan. 0: anjungan memakai jatah di tempat."),
            "staff_percent": _("Hanya untuk nomor yang dibuat petugas. 0: memakai jatah di tempat."),
            "booked_percent": _("Hanya untuk pesanan waktu."),
            "priority_percent": _("Hanya untuk yang didahulukan. Sesudah habis, memakai jatah pintunya."),
            "leftover": _("Nomor yang belum terpanggil: tetap dilayani, atau paling depan hari berikutnya."),
            "takes_bookings": _(
                "Warga dapat memesan jam datang. Pesanan adalah waktu, bukan hak didahulukan."
            ),
            "slot_minutes": _("Panjang satu waktu pesanan, 5 sampai 240 menit."),
            "booking_days": _("Berapa hari ke depan waktu dapat dipesan, 1 sampai 90."),
            "early_minutes": _("Yang datang lebih awal dari ini diminta menunggu waktunya."),
        }

    def clean(self) -> dict[str, Any]:
        """Say which sum is too large, beside the shares and not only at the top."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        total = sum(cleaned.get(name) or 0 for name in SHARES)
        if total > 100:
            words = _("Bagian-bagian ini berjumlah %(total)d persen. Paling banyak 100.")
            raise ValidationError({SHARES[0]: words % {"total": total}})
        return cleaned


class HallRulesForm(RuleForm):
    """The limits of the whole mall."""

    class Meta:
        model = HallRules
        fields = ["numbers_per_person"]
        help_texts = {
            "no_shows": _("Sekian kali dipanggil tetapi tidak hadir, baru nomor daringnya dibatasi."),
            "no_show_days": _("Yang lebih lama dari ini tidak dihitung lagi. Paling lama 30 hari."),
            "return_from_minutes": _(
                "Tempat yang dibatalkan tidak langsung kembali, supaya tidak dijual calo."
            ),
            "recall_seconds": _("Petugas menunggu selama ini sebelum memanggil nomor yang sama lagi."),
            "undo_seconds": _("Panggilan, selesai, atau tidak hadir yang keliru ditarik dalam waktu ini."),
            "lock_minutes": _(
                "Tanpa gerak selama ini, layar petugas terkunci sampai PIN-nya diketik. 0: tidak pernah."
            ),
        }
