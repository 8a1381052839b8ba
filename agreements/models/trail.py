"""What every record of a deed has in common."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Deed(models.Model):
    """Who did it, and when. The name stays when the person is renamed; empty: the portal itself."""

    at = models.DateTimeField(_("waktu"))
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("oleh")
    )
    by_name = models.CharField(_("nama"), max_length=150, blank=True)

    class Meta:
        abstract = True
