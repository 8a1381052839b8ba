from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CoreConfig(AppConfig):
    name = "mpp.core"
    label = "core"
    verbose_name = _("Mal")

    def ready(self) -> None:
        from mpp.core import checks, lookups  # noqa: F401  (registers the system checks and the lookups)
