"""A process of the DMS that commits without end, until it is killed: ``python writer.py <unit> <user>``."""

from __future__ import annotations

import sys

import django

django.setup()

from accounts.models import Unit, User  # noqa: E402
from documents.models import Request  # noqa: E402

unit, user = Unit.objects.get(pk=sys.argv[1]), User.objects.get(pk=sys.argv[2])
print("Writing", flush=True)
while True:
    request = Request.objects.create(request_type="Withdrawal", unit=unit, created_by=user)
    for status in ("Approved", "Issued", "Returned"):
        request.status = status
        request.save()
