"""An agency seen on its road into the mall."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from tenants.models import Agency


class JoiningAgency(Agency):
    """The same row as the agency: the admin shows the board and the way in for it, not a form."""

    class Meta:
        proxy = True
        verbose_name = _("perjalanan instansi")
        verbose_name_plural = _("papan perjalanan")
