"""Units, and the people in them."""

from django.contrib.auth.models import AbstractUser
from django.db import models


class Unit(models.Model):
    """A part of the organisation. What belongs to one is nobody else's business."""

    name = models.CharField(max_length=100)

    def __str__(self) -> str:
        return self.name


class Role(models.TextChoices):
    SECTION_HEAD = "Section Head"
    SECTION_CLERK = "Section Clerk"
    QC = "QC"
    STORE_HEAD = "Store Head"
    SYSTEM_ADMIN = "System Admin"


class User(AbstractUser):
    """Someone who works with the DMS. Of no unit: a System Admin, or not yet placed."""

    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, null=True, blank=True, related_name="users")
    role = models.CharField(max_length=30, choices=Role.choices, default=Role.SECTION_CLERK)

    @property
    def name(self) -> str:
        return self.get_full_name() or self.username

    @property
    def is_system_admin(self) -> bool:
        return self.role == Role.SYSTEM_ADMIN
