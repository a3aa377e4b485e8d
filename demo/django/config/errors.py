"""Every error of the API is ``{"detail": "…"}``; a conflict says besides who did what and when."""

from typing import Any

from rest_framework.response import Response
from rest_framework.views import exception_handler

from accounts.permissions import user_of
from documents.conflicts import Conflict


def explain(error: Exception, context: dict[str, Any]) -> Response | None:
    """As REST framework answers errors, but in one sentence also where several fields are wrong."""
    # The handler rolls back, and then nothing can be read any more.
    conflict = error.explain(user_of(context["request"])) if isinstance(error, Conflict) else None
    response = exception_handler(error, context)
    if response is not None:
        response.data = conflict or {"detail": " ".join(_sentences(response.data))}
    return response


def _sentences(data: Any) -> list[str]:
    if isinstance(data, dict):
        if "detail" in data:
            return [str(data["detail"])]
        return [
            sentence if field == "non_field_errors" else f"{field}: {sentence}"
            for field, faults in data.items()
            for sentence in _sentences(faults)
        ]
    if isinstance(data, list):
        return [sentence for item in data for sentence in _sentences(item)]
    return [str(data)]
