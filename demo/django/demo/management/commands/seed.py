"""Fills an empty database: three units, their people, crates, and requests under way."""

from typing import Any

from django.core.management.base import BaseCommand
from django.db import transaction

from accounts.models import User
from demo.stock import stock_up


class Command(BaseCommand):
    help = "Fills an empty database with three units, their people (password: demo), crates and requests."

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:
        if User.objects.exists():
            self.stdout.write("There is data already: nothing to do.")
            return
        stock_up()
        self.stdout.write(f"{User.objects.count()} people in three units, everybody's password is demo.")
