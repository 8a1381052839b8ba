"""The machines of the hall: kiosks and displays, paired once, revocable."""

from __future__ import annotations

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from mpp.core.net import validate_local
from mpp.core.text import validate_plain
from tenants.enums import DeviceKind, PaperWidth, PrinterLink, PrinterState
from tenants.models.mall import Zone
from tenants.querysets import DeviceQuerySet

# The long side of the panel: from 15 inches on a kiosk's buttons of 20 mm find room (trust.md K-01).
SMALLEST_CM, LARGEST_CM = 33, 300
# From here on, 21.5 inches, the kiosk's usual screens have them already.
USUAL_CM = 47
# So many slips before the end of a roll somebody is told (trust.md K-11).
LOW_SLIPS = 50

usb_id = RegexValidator(r"^[0-9a-fA-F]{4}$", _("Empat angka heksadesimal, misalnya 04b8."))


class Device(models.Model):
    """A kiosk or a display: what the admin says of it, and the digests of what it holds."""

    name = models.CharField(_("nama"), max_length=60, unique=True, validators=[validate_plain])
    kind = models.CharField(_("jenis"), max_length=8, choices=DeviceKind)
    zone = models.ForeignKey(
        Zone,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="devices",
        verbose_name=_("zona"),
        help_text=_("Layar menampilkan panggilan zona ini. Anjungan boleh tanpa zona."),
    )
    place = models.CharField(
        _("tempat"),
        max_length=80,
        blank=True,
        validators=[validate_plain],
        help_text=_("Misalnya: kiri pintu masuk."),
    )

    panel_cm = models.PositiveSmallIntegerField(
        _("sisi panjang layar (cm)"),
        null=True,
        blank=True,
        help_text=_(
            "Untuk anjungan: ukur sisi panjang bagian yang menyala dengan penggaris. "
            "Tombol lalu paling kecil 20 mm. Kosong berarti 21,5 inci (48 cm)."
        ),
    )

    printer_link = models.CharField(
        _("cara mencetak"), max_length=8, choices=PrinterLink, default=PrinterLink.BROWSER
    )
    paper_mm = models.PositiveSmallIntegerField(
        _("lebar kertas"), choices=PaperWidth, default=PaperWidth.WIDE
    )
    printer_address = models.GenericIPAddressField(
        _("alamat IP printer"), protocol="IPv4", null=True, blank=True, validators=[validate_local]
    )
    printer_port = models.PositiveIntegerField(_("porta printer"), default=9100)
    usb_vendor = models.CharField(_("USB: kode pembuat"), max_length=4, blank=True, validators=[usb_id])
    usb_product = models.CharField(_("USB: kode produk"), max_length=4, blank=True, validators=[usb_id])
    printer_answers = models.BooleanField(
        _("printer melaporkan keadaannya"),
        default=True,
        help_text=_("Matikan hanya untuk printer lama yang tidak pernah menjawab."),
    )
    roll_slips = models.PositiveSmallIntegerField(
        _("karcis satu gulungan"),
        null=True,
        blank=True,
        help_text=_(
            "Untuk anjungan yang mencetak lewat peramban: printernya tidak melapor, jadi karcisnya dihitung. "
            "Lantai diberi tahu saat sisanya 50. Gulungan 80 meter kira-kira 500 karcis. "
            "Kosong: tidak dihitung."
        ),
    )

    # Written by tenants.actions.devices alone. The token's digest stays after revoking: it is recognised.
    code_digest = models.CharField(max_length=64, unique=True, null=True, editable=False)  # noqa: DJ001
    code_expires_at = models.DateTimeField(_("kode berlaku sampai"), null=True, editable=False)
    code_used_at = models.DateTimeField(_("kode dipakai"), null=True, editable=False)
    token_digest = models.CharField(max_length=64, unique=True, null=True, editable=False)  # noqa: DJ001
    paired_at = models.DateTimeField(_("dipasangkan"), null=True, editable=False)
    revoked_at = models.DateTimeField(_("dicabut"), null=True, editable=False)

    objects = DeviceQuerySet.as_manager()
    history = HistoricalRecords(
        excluded_fields=["code_digest", "code_expires_at", "code_used_at", "token_digest"]
    )

    class Meta:
        verbose_name = _("perangkat")
        verbose_name_plural = _("perangkat")
        ordering = ["kind", "name"]
        constraints = [
            models.CheckConstraint(
                name="tenants_device_display_has_zone",
                condition=~Q(kind=DeviceKind.DISPLAY) | Q(zone__isnull=False),
                violation_error_message=_("Pilih zona yang ditampilkan layar ini."),
            ),
            models.CheckConstraint(
                name="tenants_device_display_prints_not",
                condition=~Q(kind=DeviceKind.DISPLAY) | Q(printer_link=PrinterLink.BROWSER),
                violation_error_message=_("Layar tidak mencetak. Biarkan cara mencetak seperti semula."),
            ),
            models.CheckConstraint(
                name="tenants_device_network_has_address",
                condition=~Q(printer_link=PrinterLink.NETWORK) | Q(printer_address__isnull=False),
                violation_error_message=_("Isi alamat IP printer jaringan ini."),
            ),
            models.CheckConstraint(
                name="tenants_device_usb_has_ids",
                condition=~Q(printer_link=PrinterLink.USB) | ~Q(usb_vendor="") & ~Q(usb_product=""),
                violation_error_message=_("Isi kode pembuat dan kode produk printer USB ini."),
            ),
            models.CheckConstraint(
                name="tenants_device_panel",
                condition=Q(panel_cm__isnull=True) | Q(panel_cm__range=(SMALLEST_CM, LARGEST_CM)),
                violation_error_message=_(
                    "Sisi panjang layar 33 sampai 300 cm. Di layar yang lebih kecil tombol 20 mm tidak muat."
                ),
            ),
            models.CheckConstraint(
                name="tenants_device_port",
                condition=Q(printer_port__range=(1, 65535)),
                violation_error_message=_("Porta printer 1 sampai 65535."),
            ),
            models.CheckConstraint(
                name="tenants_device_roll",
                condition=Q(roll_slips__isnull=True) | Q(roll_slips__gt=LOW_SLIPS, roll_slips__lte=5000),
                violation_error_message=_("Karcis satu gulungan 51 sampai 5000."),
            ),
            models.CheckConstraint(
                name="tenants_device_roll_by_browser",
                condition=Q(roll_slips__isnull=True)
                | Q(kind=DeviceKind.KIOSK, printer_link=PrinterLink.BROWSER),
                violation_error_message=_(
                    "Karcis hanya dihitung di anjungan yang mencetak lewat peramban. Kosongkan isiannya."
                ),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_small(self) -> bool:
        """Tell whether a kiosk needs larger buttons, and fewer of them, on this panel."""
        return self.panel_cm is not None and self.panel_cm < USUAL_CM


class DeviceState(models.Model):
    """What a device last said of itself: a hot row apart, so that a heartbeat writes no history."""

    device = models.OneToOneField(Device, models.CASCADE, primary_key=True, related_name="state")
    seen_at = models.DateTimeField(_("terakhir terlihat"), null=True)
    alive_since = models.DateTimeField(_("hidup sejak"), null=True)
    version = models.CharField(_("versi"), max_length=40, blank=True)
    address = models.GenericIPAddressField(_("alamat jaringan"), null=True)
    printer = models.CharField(
        _("printer"), max_length=12, choices=PrinterState, default=PrinterState.UNKNOWN
    )
    # When the printer was last asked, and since when the answer is the same.
    printer_at = models.DateTimeField(_("printer diperiksa"), null=True)
    printer_since = models.DateTimeField(_("keadaan printer sejak"), null=True)
    # When the admin last asked its browser for a test slip.
    test_print_at = models.DateTimeField(_("karcis percobaan diminta"), null=True)
    # Of the roll that is in the printer, as its browser counts them.
    roll_printed = models.PositiveIntegerField(_("karcis dari gulungan ini"), default=0)

    def __str__(self) -> str:
        return f"{self.device_id} {self.seen_at}"
