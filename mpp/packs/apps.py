from django.apps import AppConfig


class PacksConfig(AppConfig):
    name = "mpp.packs"
    label = "packs"
