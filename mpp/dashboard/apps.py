from django.apps import AppConfig
from django.contrib.admin import apps as admin_apps


class DashboardConfig(AppConfig):
    name = "mpp.dashboard"
    label = "dashboard"
    default = True


class PortalAdminConfig(admin_apps.AdminConfig):
    """Django's admin on our own site; in settings it stands where "django.contrib.admin" would."""

    default = False
    default_site = "mpp.dashboard.admin_site.PortalAdminSite"
