from django.db.models import TextChoices
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _


class Kind(TextChoices):
    """A way to reach people; which adapter carries it is a setting (NOTIFICATION_CHANNELS)."""

    WHATSAPP = "whatsapp", _("WhatsApp")
    SMS = "sms", _("SMS")
    EMAIL = "email", _("E-mail")
    PUSH = "push", _("Peramban")
    CONSOLE = "console", _("Catatan server")

    @property
    def for_people(self) -> str:
        """Return what citizens call it: they know of no server."""
        return gettext("Pesan ke ponsel") if self == Kind.CONSOLE else str(self.label)


# Reached by a mobile number, the first one that the mall offers when nobody chose.
BY_PHONE = (Kind.WHATSAPP, Kind.SMS, Kind.CONSOLE)


class Language(TextChoices):
    """Languages in which messages are written."""

    INDONESIAN = "id", _("Indonesia")
    ENGLISH = "en", _("Inggris")


class MessageState(TextChoices):
    PENDING = "PENDING", _("menunggu")
    LEASED = "LEASED", _("diambil pengirim")
    SENDING = "SENDING", _("sedang dikirim")
    SENT = "SENT", _("terkirim")
    UNKNOWN = "UNKNOWN", _("tidak pasti")
    FAILED = "FAILED", _("gagal")
    EXPIRED = "EXPIRED", _("lewat waktu")
    DROPPED = "DROPPED", _("tidak dikirim")


OPEN_STATES = (MessageState.PENDING, MessageState.LEASED, MessageState.SENDING)


class Delivery(TextChoices):
    """What the provider reported afterwards."""

    NONE = "", _("belum ada kabar")
    FAILED = "FAILED", _("gagal sampai")
    DELIVERED = "DELIVERED", _("sampai")
    READ = "READ", _("dibaca")


# Reports come twice and out of order: only a later step replaces an earlier one.
DELIVERY_ORDER = (Delivery.NONE, Delivery.FAILED, Delivery.DELIVERED, Delivery.READ)
