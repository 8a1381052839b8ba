"""What of the catalogue waits for a person."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from mpp.core.attention import Attention, Reach, Urgency
from services.enums import StandardStatus
from services.models import Service, ServiceStandard, Submission


def incomplete_standards(day: date, reach: Reach) -> Iterator[Attention]:
    """Yield how many services are hidden because no complete standard of theirs is in force."""
    services = Service.objects.filter(is_published=True)
    hidden = services.exclude(pk__in=ServiceStandard.objects.in_force(day).values("service"))
    if reach is not None:
        hidden = hidden.filter(agency__in=reach)
    if count := hidden.count():
        words = ngettext(
            "%(count)d layanan belum tampil: standarnya belum terbit.",
            "%(count)d layanan belum tampil: standarnya belum terbit.",
            count,
        )
        yield Attention(
            Urgency.TODAY,
            words % {"count": count},
            _("Lengkapi standar"),
            reverse("admin:services_service_changelist", query={"standar": "belum"}),
        )


def late_files(day: date, reach: Reach) -> Iterator[Attention]:
    """Yield the agencies whose files have passed the day they were promised for."""
    late = Submission.objects.late(day)
    if reach is not None:
        late = late.filter(service__agency__in=reach)
    for agency, count in late.by_agency():
        words = _("%(agency)s: %(count)d berkas lewat dari janji.") % {"agency": agency, "count": count}
        link = reverse("admin:services_submission_changelist", query={"terlambat": "1"})
        yield Attention(Urgency.TODAY, words, _("Lihat berkas"), link, rank=-count)


def drafts(day: date, reach: Reach) -> Iterator[Attention]:
    """Yield how many drafts of standards wait to be published, which is the mall's to do."""
    if reach is not None:
        return
    if count := ServiceStandard.objects.filter(status=StandardStatus.DRAFT).count():
        words = ngettext(
            "%(count)d rancangan standar menunggu diperiksa.",
            "%(count)d rancangan standar menunggu diperiksa.",
            count,
        )
        yield Attention(
            Urgency.SOON,
            words % {"count": count},
            _("Periksa rancangan"),
            reverse("admin:services_servicestandard_changelist", query={"status__exact": "DRAFT"}),
        )
