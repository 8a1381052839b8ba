"""What a person keeps of the admin for next time."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from mpp.core.text import validate_plain


class SavedView(models.Model):
    """A filter of one list under a name: one's own, or shared by the office."""

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="saved_views", verbose_name=_("pemilik")
    )
    table = models.CharField(_("daftar"), max_length=80)
    name = models.CharField(_("nama"), max_length=40, validators=[validate_plain])
    query = models.CharField(_("saringan"), max_length=500)
    is_shared = models.BooleanField(_("untuk semua admin"), default=False)

    class Meta:
        verbose_name = _("saringan tersimpan")
        verbose_name_plural = _("saringan tersimpan")
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                name="dashboard_savedview_name",
                fields=["owner", "table", "name"],
                violation_error_message=_("Anda sudah punya saringan dengan nama itu di daftar ini."),
            ),
        ]

    def __str__(self) -> str:
        return self.name
