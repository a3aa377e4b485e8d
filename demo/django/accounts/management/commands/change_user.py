"""Moves a user to another unit or role, or locks the account."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from accounts.models import Role, User


class Command(BaseCommand):
    help = "Moves a user to another unit or role, deactivates the account, or gives it a new password."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("username")
        parser.add_argument("--unit", type=int, help="the id of the new unit")
        parser.add_argument("--role", choices=Role.values)
        parser.add_argument("--deactivate", action="store_true")
        parser.add_argument("--password")

    def handle(self, *args: Any, **options: Any) -> None:
        user = User.objects.get(username=options["username"])
        if options["unit"] is not None:
            user.unit_id = options["unit"]
        if options["role"] is not None:
            user.role = options["role"]
        if options["deactivate"]:
            user.is_active = False
        if options["password"] is not None:
            user.set_password(options["password"])
        user.save()
