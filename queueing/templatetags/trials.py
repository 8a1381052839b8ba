"""What citizens read of an agency under trial: `{% load trials %}`."""

from __future__ import annotations

from django import template
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from mpp.core import revision
from tenants.enums import AgencyStatus
from tenants.models import Agency

register = template.Library()


@register.simple_tag
def trial_words(agency: Agency) -> str:
    """Return that the agency is under trial, and until when; "" when it is not."""
    if agency.status != AgencyStatus.TRIAL:
        return ""
    until = agency.trial_until
    if until is None or until < revision.at_entry().day:
        return _("Masih uji coba")
    return _("Uji coba sampai %(day)s") % {"day": date_format(until, "j F Y")}
