"""What handlers of a project see and do when its rows are saved, as JSON: ``python habits.py <host:port or ""> <on|off>``.

Each habit worked without this app, and must give the same answer with it.
"""

from __future__ import annotations

import json
import sys
import threading
import warnings
from contextlib import suppress
from functools import partial
from typing import Any

from small_project import MODELS, boot

WITH_APP = sys.argv[2] == "on"
#: Where Django makes the table between crates and documents itself, it asks less.
MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
]
TEMPLATES = {
    "BACKEND": "django.template.backends.django.DjangoTemplates",
    "APP_DIRS": True,
    "OPTIONS": {
        "context_processors": [
            "django.template.context_processors.request",
            "django.contrib.auth.context_processors.auth",
            "django.contrib.messages.context_processors.messages",
        ]
    },
}
m = boot(
    sys.argv[1],
    with_app=WITH_APP,
    models=MODELS.replace('through="CrateDocument", ', ""),
    INSTALLED_APPS=["django.contrib.admin", "django.contrib.messages"],
    MIDDLEWARE=[*MIDDLEWARE, *(["dms_live.middleware.ActingUserMiddleware"] if WITH_APP else [])],
    ROOT_URLCONF="counting",
    TEMPLATES=[TEMPLATES],
)

from django.db import IntegrityError, connection, transaction  # noqa: E402
from django.db.models import F  # noqa: E402
from django.db.models.signals import post_delete, post_save, pre_save  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402
from tracking import calls  # type: ignore[import-not-found]  # noqa: E402

from counting import counts  # noqa: E402

unit = m.Unit.objects.create(code="QC")
m.Note.objects.create(key="one")


def elsewhere(question: Any) -> Any:
    """The answer of another connection, as of a worker that gets a task at once."""
    answers: list[Any] = []

    def ask() -> None:
        answers.append(question())
        connection.close()

    worker = threading.Thread(target=ask)
    worker.start()
    worker.join()
    return answers[0]


def during(signal: Any, model: Any, handler: Any, act: Any) -> str:
    """How an action ends while a handler listens."""
    signal.connect(handler, sender=model, weak=False)
    try:
        act()
    except Exception as error:
        return type(error).__name__
    finally:
        signal.disconnect(handler, sender=model)
    return "done"


def a_worker_finds_the_row(model: Any, make: Any) -> Any:
    found: list[bool] = []

    def delay(instance: Any, **_: Any) -> None:
        found.append(elsewhere(lambda: model.objects.filter(pk=instance.pk).exists()))

    return [during(post_save, model, delay, make), found]


def a_swallowed_error_undoes_nothing(signal: Any, model: Any, act: Any) -> Any:
    def swallow(**_: Any) -> None:
        with suppress(IntegrityError):
            m.Note.objects.create(key="one")

    return [during(signal, model, swallow, act), state()]


def a_handler_that_raises_undoes_nothing(signal: Any, model: Any, act: Any) -> Any:
    def fail(**_: Any) -> None:
        raise RuntimeError("the mail server is away")

    return [during(signal, model, fail, act), state()]


def commits_are_at_once(signal: Any, model: Any, act: Any) -> Any:
    """What ``on_commit`` sees in a handler, and whether a handler may have a durable transaction of its own."""
    seen: list[Any] = []

    def register(instance: Any, **_: Any) -> None:
        transaction.on_commit(lambda: seen.append(["committed", instance.pk is not None]))
        seen.append("registered")
        if not connection.in_atomic_block:
            with transaction.atomic(durable=True):
                seen.append("durable")

    return [during(signal, model, register, act), seen]


def state() -> Any:
    rows = [[row.status, row.count] for row in m.Request.objects.order_by("pk")]
    return [rows, list(m.Transfer.objects.values_list("courier", flat=True)), m.Crate.objects.count()]


def step(status: str) -> None:
    request = m.Request.objects.order_by("pk").first()
    request.status = status
    request.save()


def statements(act: Any) -> list[str]:
    with CaptureQueriesContext(connection) as captured:
        act()
    return [query["sql"].split()[0] for query in captured.captured_queries]


def a_user_does_something() -> list[list[str]]:
    user = m.User.objects.create_user("ann", unit=unit)
    user.first_name = "Ann"
    whole = statements(user.save)
    user.last_name = "Lee"
    return [whole, statements(lambda: user.save(update_fields=["last_name"]))]


def arguments_arrive_as_they_came() -> Any:
    request = m.Request.objects.order_by("pk").first()
    calls.clear()
    request.save()
    request.save(update_fields=["status"])
    request.save_base(force_update=True)
    return list(calls)


def the_rest() -> Any:
    request = m.Request.objects.order_by("pk").first()
    request.count = F("count") + 1
    request.save()
    made = m.Request.objects.update_or_create(pk=request.pk, defaults={"status": "Returned"})[1]
    with transaction.atomic():
        m.Request.objects.get_or_create(status="Rejected", unit=unit)
        inner = transaction.savepoint()
        m.Transfer.objects.create(unit=unit, courier="undone")
        transaction.savepoint_rollback(inner)
    doubled = during(post_save, m.Note, lambda **_: None, lambda: m.Note.objects.create(key="one"))
    missing = m.Request(pk=9999, unit=unit)
    forced = during(post_save, m.Note, lambda **_: None, lambda: missing.save(force_update=True))
    return [made, doubled, forced, state()]


def errors_of_a_crowd() -> list[str]:
    """Four at once save users, whose unit changes, and requests. On SQLite each has to wait for its turn, and gets it: also to
    select a row for update, where SQLite alone would not wait.
    """
    people = [m.User.objects.create_user(f"user{number}") for number in range(4)]
    errors: list[str] = []

    def work(user: Any) -> None:
        request = m.Request.objects.create(unit=unit, created_by=user)
        for turn in range(6):
            user.unit = unit if turn % 2 else None
            request.count = turn
            steps = [user.save, request.save]
            if sys.argv[2] == "on" or connection.vendor != "sqlite":
                steps.append(partial(m.Request.objects.update_or_create, {"status": "Lost"}, pk=request.pk))
            for act in steps:
                try:
                    act()
                except Exception as error:
                    errors.append(str(error))
        request.delete()
        connection.close()

    crowd = [threading.Thread(target=work, args=(user,)) for user in people]
    for one in crowd:
        one.start()
    for one in crowd:
        one.join()
    return errors


with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    crate = m.Crate.objects.create(unit=unit)
    answers: dict[str, Any] = {
        "request": a_worker_finds_the_row(m.Request, lambda: m.Request.objects.create(unit=unit, crate=crate)),
        "transfer": a_worker_finds_the_row(m.Transfer, lambda: m.Transfer.objects.create(unit=unit)),
        "user": a_worker_finds_the_row(m.User, lambda: m.User.objects.create_user("new")),
        "swallowed": a_swallowed_error_undoes_nothing(post_save, m.Request, lambda: step("Approved")),
        "swallowed before": a_swallowed_error_undoes_nothing(pre_save, m.Request, lambda: step("Issued")),
        "raised": a_handler_that_raises_undoes_nothing(post_save, m.Request, lambda: step("Returned")),
        "raised before": a_handler_that_raises_undoes_nothing(pre_save, m.Request, lambda: step("Lost")),
        "commit": commits_are_at_once(post_save, m.Request, lambda: step("Completed")),
        "commit before": commits_are_at_once(pre_save, m.Request, lambda: step("Pending")),
        "commit of a deletion": commits_are_at_once(
            post_delete, m.Crate, lambda: m.Crate.objects.create(unit=unit).delete()
        ),
        "raised in a deletion": a_handler_that_raises_undoes_nothing(
            post_delete, m.Crate, lambda: m.Crate.objects.all().delete()
        ),
        "a user": a_user_does_something(),
        "arguments": arguments_arrive_as_they_came(),
        "rest": the_rest(),
        "crowd": errors_of_a_crowd(),
    }
answers["counted"] = counts(m)
answers["warnings"] = sorted({str(warning.message) for warning in caught})
print(json.dumps(answers))
