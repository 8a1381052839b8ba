from django.db.models import IntegerChoices, TextChoices
from django.utils.translation import gettext_lazy as _


class AgencyKind(TextChoices):
    OPD = "OPD", _("perangkat daerah")
    VERTICAL = "VERTICAL", _("instansi vertikal")
    JUDICIARY = "JUDICIARY", _("yudikatif")
    PROVINCIAL = "PROVINCIAL", _("instansi provinsi")
    BUMN = "BUMN", _("BUMN")
    BUMD = "BUMD", _("BUMD")
    PUBLIC_BODY = "PUBLIC_BODY", _("badan hukum publik")
    INDEPENDENT = "INDEPENDENT", _("lembaga negara independen")
    PRIVATE = "PRIVATE", _("swasta")
    ASSOCIATION = "ASSOCIATION", _("asosiasi")


class OwnerLevel(TextChoices):
    CENTRAL = "CENTRAL", _("pusat")
    PROVINCE = "PROVINCE", _("provinsi")
    REGENCY = "REGENCY", _("kabupaten/kota")
    PRIVATE = "PRIVATE", _("swasta")


class AgencyStatus(TextChoices):
    CANDIDATE = "CANDIDATE", _("calon")
    COMMITTED = "COMMITTED", _("bersedia")
    PREPARING = "PREPARING", _("persiapan")
    TRIAL = "TRIAL", _("uji coba")
    OPERATING = "OPERATING", _("operasional")
    PAUSED = "PAUSED", _("jeda")
    ENDED = "ENDED", _("berakhir")


# So many wrong PINs, and only the password helps.
PIN_TRIES = 5

# In these two an agency serves the public.
SERVING = frozenset({AgencyStatus.TRIAL, AgencyStatus.OPERATING})


class Role(TextChoices):
    OFFICER = "OFFICER", _("petugas loket")
    AGENCY_MANAGER = "AGENCY_MANAGER", _("pengelola instansi")
    RECEPTIONIST = "RECEPTIONIST", _("penerima tamu")
    FLOOR_MANAGER = "FLOOR_MANAGER", _("pengelola lantai")
    ADMIN = "ADMIN", _("admin DPMPTSP")
    AUDITOR = "AUDITOR", _("auditor")


class Weekday(IntegerChoices):
    """ISO weekdays."""

    MONDAY = 1, _("Senin")
    TUESDAY = 2, _("Selasa")
    WEDNESDAY = 3, _("Rabu")
    THURSDAY = 4, _("Kamis")
    FRIDAY = 5, _("Jumat")
    SATURDAY = 6, _("Sabtu")
    SUNDAY = 7, _("Minggu")


class DeviceKind(TextChoices):
    KIOSK = "KIOSK", _("anjungan")
    DISPLAY = "DISPLAY", _("layar")


class DeviceLife(TextChoices):
    """How a device stands; derived from its row and its last sign of life."""

    NEW = "NEW", _("belum dipasangkan")
    ALIVE = "ALIVE", _("hidup")
    SILENT = "SILENT", _("tidak terlihat")
    REVOKED = "REVOKED", _("dicabut")


class PrinterLink(TextChoices):
    BROWSER = "BROWSER", _("lewat peramban")
    NETWORK = "NETWORK", _("printer jaringan (ESC/POS)")
    USB = "USB", _("printer USB (ESC/POS)")


class PaperWidth(IntegerChoices):
    NARROW = 58, _("58 mm")
    WIDE = 80, _("80 mm")


class PrinterState(TextChoices):
    UNKNOWN = "UNKNOWN", _("belum diketahui")
    READY = "READY", _("siap")
    PAPER_LOW = "PAPER_LOW", _("kertas hampir habis")
    PAPER_OUT = "PAPER_OUT", _("kertas habis")
    COVER_OPEN = "COVER_OPEN", _("tutup printer terbuka")
    JAMMED = "JAMMED", _("kertas atau pemotong macet")
    OFF = "OFF", _("mati atau kabelnya lepas")
    SILENT = "SILENT", _("tidak menjawab")
    REFUSED = "REFUSED", _("alamatnya tidak diizinkan")
    NO_DRIVER = "NO_DRIVER", _("pustaka printer belum terpasang")


# In these a slip comes out.
PRINTS = frozenset({PrinterState.READY, PrinterState.PAPER_LOW})
