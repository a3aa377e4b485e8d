"""What is sent again since its answer was lost: made once, by its ``Idempotency-Key``.

See draft-ietf-httpapi-idempotency-key-header.
"""

import hashlib
import json
import re
from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any

from django.utils import timezone
from rest_framework import status
from rest_framework.exceptions import APIException, ValidationError
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request as HttpRequest
from rest_framework.response import Response

from accounts.models import User
from accounts.permissions import user_of
from documents.models import SentOnce

KEPT = timedelta(days=1)

# A string of structured fields: in quotes.
KEY = re.compile(r'"([A-Za-z0-9_-]{16,100})"')

Post = Callable[[Any, HttpRequest], Response]


class OtherContents(APIException):
    """The key belongs to something else, which was made."""

    status_code = status.HTTP_422_UNPROCESSABLE_ENTITY
    default_detail = "This was saved already, as it was sent first. Look at that before you send another."


def once(post: Post) -> Post:
    """Creates something, unless it was created by the same key already: then the first answer is given again.

    Keys are of their user: those of others are not known. What is refused rolls back, with its key.
    """

    @wraps(post)
    def post_once(view: Any, request: HttpRequest) -> Response:
        header = request.headers.get("Idempotency-Key")
        if header is None:
            return post(view, request)
        user, key = user_of(request), _key_in(header)
        contents = _contents(request, user)
        SentOnce.objects.filter(at__lt=timezone.now() - KEPT).delete()
        # Of two that come together, the second one waits here until the first one's transaction has ended.
        sent, is_new = SentOnce.objects.get_or_create(user=user, key=key, defaults={"contents": contents})
        if is_new:
            response = post(view, request)
            sent.answer = json.loads(JSONRenderer().render(response.data))
            sent.save()
            return response
        if sent.contents != contents:
            raise OtherContents
        return Response(sent.answer, status=status.HTTP_201_CREATED)

    return post_once


def _key_in(header: str) -> str:
    found = KEY.fullmatch(header)
    if found is None:
        raise ValidationError({"detail": 'Idempotency-Key: write 16 to 100 letters, digits, "-" or "_" in quotes.'})
    return found[1]


def _contents(request: HttpRequest, user: User) -> str:
    """A digest of what is asked for, and as what: a role or unit of before opens no answer of before.

    A signature is a secret, and says nothing about what is created.
    """
    body = request.data
    if isinstance(body, dict):
        body = {name: value for name, value in body.items() if name != "signature"}
    asked = [request.path, user.role, user.unit_id, body]
    return hashlib.sha256(json.dumps(asked, sort_keys=True, default=str).encode()).hexdigest()
