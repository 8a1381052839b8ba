from django.apps import AppConfig


class DemoConfig(AppConfig):
    name = "mpp.demo"
    label = "demo"
