"""E-mail over SMTP."""

from __future__ import annotations

import contextlib
import smtplib
from email.utils import formataddr

from django.conf import settings
from django.core.mail import EmailMessage, get_connection

from mpp.notifications.channels.base import DeliveryError, Parcel

SECONDS = 8
# Nobody reads an answer, and a link would open the number to whoever sees the mail.
FOOT = {
    "id": "Tidak ingin dikabari lagi? Pilih “Jangan kabari lagi” di halaman Anda.",
    "en": "No more messages? Choose so on your page.",
}


class Mail:
    """Sends through the server in EMAIL_URL."""

    knows_duplicates = False

    def send(self, parcel: Parcel) -> str:
        """Send, and return the mail's own number."""
        foot = f"\n{FOOT[parcel.language]}\n" if parcel.may_stop else ""
        number = f"<mpp-{parcel.pk}@{settings.EMAIL_FROM.rpartition('@')[2]}>"
        mail = EmailMessage(
            subject=f"{parcel.sender}: {parcel.title}" if parcel.sender else parcel.title,
            body=f"{parcel.text}\n{foot}",
            from_email=formataddr((parcel.sender, settings.EMAIL_FROM)),
            to=[parcel.recipient],
            headers={"Message-ID": number, "Auto-Submitted": "auto-generated"},
        )
        connection = get_connection(timeout=SECONDS)
        try:
            connection.open()
        except (smtplib.SMTPException, OSError) as error:
            raise DeliveryError(f"tidak tersambung: {type(error).__name__}") from error
        try:
            connection.send_messages([mail])
        except smtplib.SMTPRecipientsRefused as error:
            raise _refused(*next(iter(error.recipients.values()))) from error
        except smtplib.SMTPResponseException as error:
            raise _refused(error.smtp_code, error.smtp_error) from error
        except (smtplib.SMTPException, OSError) as error:
            raise DeliveryError(f"terputus: {type(error).__name__}", is_uncertain=True) from error
        finally:
            # Once the server has taken the mail, a broken goodbye changes nothing.
            with contextlib.suppress(smtplib.SMTPException, OSError):
                connection.close()
        return number


def _refused(code: int, words: bytes | str) -> DeliveryError:
    text = words.decode("utf-8", "replace") if isinstance(words, bytes) else words
    return DeliveryError(f"{code} {text}", permanent=code >= 500)
