from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class TicketState(TextChoices):
    WAITING = "WAITING", _("menunggu")
    CALLED = "CALLED", _("dipanggil")
    SERVING = "SERVING", _("dilayani")
    HELD = "HELD", _("ditahan")
    DONE = "DONE", _("selesai")
    NO_SHOW = "NO_SHOW", _("terlewat")
    CANCELLED = "CANCELLED", _("batal")
    EXPIRED = "EXPIRED", _("kedaluwarsa")


# At a counter now: a counter session has at most one of these.
AT_COUNTER = frozenset({TicketState.CALLED, TicketState.SERVING})
# Still to be dealt with today.
ACTIVE = frozenset({TicketState.WAITING, TicketState.CALLED, TicketState.SERVING, TicketState.HELD})
ENDED = frozenset({TicketState.DONE, TicketState.NO_SHOW, TicketState.CANCELLED, TicketState.EXPIRED})


class Step(TextChoices):
    """What happens to a number; the names are those of workflow.TICKET and of the API."""

    ISSUE = "issue", _("ambil")
    CALL = "call", _("panggil")
    RECALL = "recall", _("ulangi")
    START = "start", _("mulai")
    FINISH = "finish", _("selesai")
    NO_SHOW = "no-show", _("tidak hadir")
    HOLD = "hold", _("tahan")
    RESUME = "resume", _("lanjutkan")
    TRANSFER = "transfer", _("alihkan")
    REQUEUE = "requeue", _("kembalikan ke antrean")
    CANCEL = "cancel", _("batalkan")
    EXPIRE = "expire", _("kedaluwarsa")


class Channel(TextChoices):
    ONLINE = "ONLINE", _("daring")
    KIOSK = "KIOSK", _("anjungan")
    STAFF = "STAFF", _("petugas")


class Priority(TextChoices):
    """Who goes first by law (UU 25/2009 pasal 29, PermenPANRB 11/2024). Being somebody is not a class."""

    NONE = "", _("reguler")
    ELDERLY = "ELDERLY", _("lansia")
    DISABILITY = "DISABILITY", _("disabilitas")
    PREGNANT = "PREGNANT", _("hamil")
    INFANT = "INFANT", _("menyusui atau membawa balita")
    CHILD = "CHILD", _("anak")
    DISASTER = "DISASTER", _("korban bencana")
    GENERAL = "GENERAL", _("perlu didahulukan")
