"""Data to try the DMS with."""

from django.apps import AppConfig


class DemoConfig(AppConfig):
    name = "demo"
