"""Users whose unit, role, password or activity changed without a session that ended.

Nobody knows which tokens there are, so a user is compared with what the last run saw. Whatever changed since must have a message
about sessions in the outbox.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.contrib.auth import get_user_model
from django.db import router, transaction
from django.db.models import Q, QuerySet

from dms_live.locks import write_first
from dms_live.models import OutboxEntry
from dms_live.registry import registry
from dms_live.rows import locked
from dms_live.sessions import id_changed, id_revoked
from dms_live.specs import joins_of_user
from dms_live.topics import SESSION
from dms_live.users import id_of, role_of, unit_of
from dms_live.verify.findings import Finding, Outcome
from dms_live.verify.likeness import digest
from dms_live.verify.memory import Memory
from dms_live.verify.rows import PAGE
from dms_live.verify.wishes import Found, Wishes

USER = "user"
#: What is compared, in this order. The hashing says whether Django has hashed the same password again, at a login.
_NAMES = ("is_active", "unit", "role", "password", "hashing")
_MARK = len(digest(None))
_INACTIVE = digest(False)


class Accounts:
    """One run over all users."""

    def __init__(self, wishes: Wishes) -> None:
        self.wishes, self.using = wishes, router.db_for_write(get_user_model())
        self.memory = Memory(USER, digest([USER, *_NAMES]), router.db_for_write(OutboxEntry))
        self.outcome = Outcome(USER)
        self._remembered = 0

    def run(self) -> Iterator[Found]:
        self.memory.start_over()
        if not self.wishes.is_quick:
            remembered = self.memory.count()
            for page in self._pages():
                yield from self._look_at(page)
            if remembered > self._remembered:
                yield from self._gone()
        self.memory.flush()

    def _users(self) -> QuerySet[Any]:
        users: QuerySet[Any] = QuerySet(get_user_model(), using=self.using)
        joins = joins_of_user()
        return users.select_related(*joins) if joins else users

    def _pages(self) -> Iterator[list[Any]]:
        after = None
        while True:
            users = self._users().order_by("pk")
            page = list((users if after is None else users.filter(pk__gt=after))[:PAGE])
            if page:
                yield page
            if len(page) < PAGE:
                return
            after = page[-1].pk

    def _look_at(self, page: list[Any]) -> Iterator[Found]:
        accounts = {str(id_of(user)): (user, _marks_of(user)) for user in page}
        known = self.memory.of(list(accounts))
        self.outcome.rows += len(page)
        self._remembered += len(known)
        ended = self._sessions_ended()  # after the users were read: a change and its message are committed together
        for key, (user, marks) in accounts.items():
            before = known.get(key)
            fields = () if before is None else tuple(_changed(before.marks, marks))
            if not fields or key in ended or not self.memory.knows_all_events(SESSION, None):
                self.outcome.unknown += bool(fields) and key not in ended
                self.memory.note(before, key, marks, {})
                continue
            yield Found(
                Finding(USER, key, "session", fields=fields), self.wishes.repairs and self._repair(user, fields)
            )

    def _gone(self) -> Iterator[Found]:
        self.memory.flush()
        present = {str(id_of(user)) for page in self._pages() for user in page}
        ended = self._sessions_ended()
        for page in self.memory.all():
            for known in page:
                if known.key in present:
                    continue
                is_fault = known.key not in ended and self.memory.knows_all_events(SESSION, None)
                if is_fault:
                    if self.wishes.repairs:
                        id_revoked(known.key, using=self.using)
                    yield Found(Finding(USER, known.key, "session", fields=("deleted",)), self.wishes.repairs)
                if not is_fault or self.wishes.repairs:
                    self.memory.forget([known.key])

    def _sessions_ended(self) -> set[str]:
        """The users of whom sessions were ended since the last run. Of a transaction that went on while that run began, the
        message may have been written before, but was not sent before.
        """
        since: datetime | None = self.memory.since
        found: set[str] = set()
        for using in registry().databases() if since is not None else ():
            is_recent = Q(created_at__gte=since) | Q(sent_at__gte=since) | Q(state=OutboxEntry.State.PENDING)
            rows = OutboxEntry.objects.using(using).filter(is_recent, topic=SESSION)
            for payload in rows.order_by().values_list("payload", flat=True).iterator():
                user_id = json.loads(payload).get("userId")
                found |= set() if user_id is None else {str(user_id)}
        return found

    def _repair(self, user: Any, fields: tuple[str, ...]) -> bool:
        """Ends the sessions, unless another run has done so by now."""
        with transaction.atomic(using=self.using):
            write_first(self.using)
            list(locked(self._users().filter(pk=user.pk), self.using))
            now = self._users().filter(pk=user.pk).first()
            if now is None or str(id_of(now)) in self._sessions_ended():
                return now is not None
            end = id_revoked if {"is_active", "password"} & set(fields) else id_changed
            end(id_of(now), using=self.using)
        return True


def _marks_of(user: Any) -> str:
    hashing, _, _ = str(user.password).rpartition("$")[0].rpartition("$")  # without the salt and the hash
    values = (bool(user.is_active), str(unit_of(user)), role_of(user), str(user.password), hashing)
    return "".join(digest(value) for value in values)


def _changed(was: str, now: str) -> Iterator[str]:
    before = {name: was[_MARK * at : _MARK * (at + 1)] for at, name in enumerate(_NAMES)}
    after = {name: now[_MARK * at : _MARK * (at + 1)] for at, name in enumerate(_NAMES)}
    for name in ("unit", "role"):
        if before[name] != after[name]:
            yield name
    if before["is_active"] != after["is_active"] and after["is_active"] == _INACTIVE:
        yield "is_active"
    if before["password"] != after["password"] and before["hashing"] == after["hashing"]:
        yield "password"
