"""Units, and the people in them."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "accounts"
