"""The day's numbers are gone: who asks for it hears once when there are some again.

The message keeps no place, and all who asked hear it at the same moment: whoever trades in places gains
nothing by asking often (trust.md T-01).
"""

from __future__ import annotations

from collections.abc import Mapping

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from mpp.core import clock, tokens
from mpp.core.errors import Refusal
from mpp.notifications import ways
from queueing import availability, notifications, persons
from queueing.enums import Channel
from queueing.models import NumberWish
from services.models import Service


def wish_number(
    *, service: Service, channel: str, recipient: str, words: str, keys: Mapping[str, str] | None = None
) -> NumberWish:
    """Note that somebody wants to hear of new numbers of today, to which they agreed in these `words`.

    `keys` are those of a browser. Raises `Refusal` (409) unless the numbers of a day that is open are gone.
    """
    if not can_wish(availability.of_service(service, channel=Channel.ONLINE)):
        raise Refusal("not_full", _("Nomor layanan ini tidak sedang habis. Lihat keadaannya sekarang."))
    nonce = tokens.new_nonce()
    with transaction.atomic():
        wish = NumberWish.objects.create(
            service=service,
            date=clock.today(),
            person=persons.person_of(phone=recipient),
            nonce=nonce,
            token_digest=tokens.digest(tokens.derived("wish", nonce)),
            since=clock.now(),
        )
        ways.choose(
            holder=notifications.holder_of_wish(wish),
            channel=channel,
            recipient=recipient,
            words=words,
            language=notifications.language(),
            keys=keys,
        )
    return wish


def can_wish(answer: availability.Availability) -> bool:
    """Tell whether numbers may come back today: they are all out, and the day goes on."""
    return answer.code == "full"


def tell_numbers_again() -> int:
    """Tell everybody who asked for it that their service gives out numbers again; return how many.

    Safe to run at any time and twice.
    """
    wanted = NumberWish.objects.filter(date=clock.today(), told_at=None)
    services = list(Service.objects.filter(pk__in=wanted.values("service")).select_related("agency"))
    answers = availability.of_services(services, channel=Channel.ONLINE) if services else {}
    return sum(_tell_all(service) for service in services if answers[service.pk].can_take)


def _tell_all(service: Service) -> int:
    # Two workers at once tell nobody twice: the key of the message is unique.
    wanted = NumberWish.objects.filter(service=service, date=clock.today(), told_at=None)
    wishes = list(wanted.select_related("service"))
    with transaction.atomic():
        NumberWish.objects.filter(pk__in=[wish.pk for wish in wishes]).update(told_at=clock.now())
        return notifications.numbers_again(wishes)
