from django.apps import AppConfig


class LiveConfig(AppConfig):
    name = "mpp.live"
    label = "live"
