"""Devices in the admin, with what the hall adds to them: a slip to see whether the printer is set up."""

from __future__ import annotations

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action

from mpp.core import mall
from mpp.core.admin import action_page, get_or_404
from mpp.core.errors import Refusal
from mpp.core.net import public_address
from queueing import printing
from tenants.actions import ask_for_test_print, change_roll, note_printer
from tenants.admin import DeviceAdmin, acting
from tenants.enums import PRINTS, DeviceKind, PrinterLink
from tenants.models import Device, User

admin.site.unregister(Device)


@admin.register(Device)
class HallDeviceAdmin(DeviceAdmin):
    actions_detail = ["make_code", "print_test", "new_roll", "revoke"]

    @action(description=_("Cetak percobaan"), url_path="cetak", permissions=["change"], icon="print")
    def print_test(self, request: HttpRequest, object_id: str) -> HttpResponse:
        device = get_or_404(Device.objects.all(), object_id)
        url = public_address(request) + reverse("home")
        return action_page(
            self,
            request,
            instance=device,
            form=forms.Form(request.POST if request.method == "POST" else None),
            title=_("Cetak percobaan di %(device)s") % {"device": device.name},
            button=_("Cetak percobaan"),
            act=lambda sent: _print_test(device, url=url, by=acting(request)),
            notes=[gettext("Karcis bertuliskan TES keluar dari printernya. Tidak ada nomor yang diambil.")],
        )

    @action(description=_("Gulungan baru"), url_path="gulungan", permissions=["change"], icon="receipt_long")
    def new_roll(self, request: HttpRequest, object_id: str) -> HttpResponse:
        device = get_or_404(Device.objects.all(), object_id)
        return action_page(
            self,
            request,
            instance=device,
            form=forms.Form(request.POST if request.method == "POST" else None),
            title=_("Gulungan baru di %(device)s") % {"device": device.name},
            button=_("Gulungan baru terpasang"),
            act=lambda sent: change_roll(device=device, by=acting(request)),
            notes=[gettext("Karcis dihitung lagi dari awal. Lantai diberi tahu saat sisanya 50.")],
        )


def _print_test(device: Device, *, url: str, by: User) -> str:
    """Print a test slip on whatever prints for `device`; return what to look at."""
    if device.kind != DeviceKind.KIOSK:
        raise Refusal("not_a_kiosk", _("Layar tidak mencetak. Pilih sebuah anjungan."))
    if device.printer_link == PrinterLink.BROWSER:
        ask_for_test_print(device=device, by=by)
        return gettext("Sudah diminta. Karcis keluar dalam setengah menit, begitu anjungan bebas.")
    state = printing.print_slip(device, printing.test_slip(device, mall=mall.current(), url=url))
    note_printer(device=device, state=state)
    words = gettext("Printer: %(state)s.") % {"state": state.label}
    if state not in PRINTS:
        raise Refusal("printer", words)
    return gettext("Karcis percobaan sudah keluar. %(printer)s") % {"printer": words}
