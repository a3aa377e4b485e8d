"""Saves that are under way, and who watches them. A save is remembered on its instance, from its first statement to its last."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Protocol

from django.db import connections
from django.db.models import Model

from dms_live.locks import write_first
from dms_live.migrating import is_before_tables
from dms_live.uncounted import uncounted
from dms_live.unpublished import published_otherwise

_SAVE = "_dms_live_save"


@dataclass
class Save:
    """A save that is under way.

    :ivar values: what an UPDATE writes, by the columns' attributes; empty for an INSERT.
    :ivar before: what each watcher returned before the write; ``None`` for a row that is new.
    """

    instance: Any
    using: str
    pk: Any
    values: dict[str, Any] = field(default_factory=dict)
    before: list[Any] = field(default_factory=list)
    #: Whether a wrapped method is running: a method that calls its parent's is watched once.
    is_inside: bool = False


class Watcher(Protocol):
    """What must know about the saves of a model.

    :ivar follows_inserts: whether a new row is its business.
    :ivar kind: the kind whose events it writes.
    """

    follows_inserts: bool

    @property
    def kind(self) -> str: ...

    def ignored_if(self, values: dict[str, Any]) -> dict[str, Any] | None:
        """The columns whose values decide. An UPDATE of a row that has them already is none of this watcher's business;
        with no columns, any UPDATE. ``None``: only reading before and after can show it.
        """

    def before(self, save: Save) -> Any: ...

    def after(self, save: Save, before: Any) -> None: ...


_watchers: dict[type[Model], list[Watcher]] = {}


def add_watcher(model: Any, watcher: Watcher) -> None:
    _watchers.setdefault(model, []).append(watcher)


def watch_nothing() -> None:
    _watchers.clear()


def is_watching() -> bool:
    return bool(_watchers)


def is_watched(model: Any) -> bool:
    return bool(_watchers.get(model))


def follows_inserts(model: type[Model], using: str) -> bool:
    return any(watcher.follows_inserts for watcher in watchers_of(model, using))


def watchers_of(model: type[Model], using: str) -> list[Watcher]:
    watchers = _watchers.get(model, [])
    if watchers and is_before_tables(using, model._meta.label, watchers[0].kind):
        return []
    return watchers


def ignored_by(watchers: list[Watcher], values: dict[str, Any], using: str) -> dict[str, Any] | None:
    """The columns whose values decide for all of these watchers, as ``ignored_if`` says it for one."""
    together: dict[str, Any] = {}
    for watcher in watchers:
        columns = watcher.ignored_if(values)
        if columns is None:
            return None
        together |= columns
    # Other databases may find equal what differs in case or in accents.
    return together if not together or connections[using].vendor in ("postgresql", "sqlite") else None


def running(instance: Any) -> Save | None:
    found: Save | None = instance.__dict__.get(_SAVE)
    return found


def forget(instance: Any) -> None:
    instance.__dict__.pop(_SAVE, None)


def remember(save: Save) -> None:
    save.instance.__dict__[_SAVE] = save


@contextmanager
def inside(save: Save) -> Iterator[None]:
    """Within, one of the wrapped methods runs."""
    remember(save)
    save.is_inside = True
    try:
        with published_otherwise():
            yield
    finally:
        save.is_inside = False
        if not save.instance._meta.concrete_model._meta.parents:
            forget(save.instance)


@uncounted()
def begin(instance: Any, pk: Any, using: str) -> Save:
    """The row is written next: its watchers read what it was."""
    save = Save(instance, using, pk)
    if instance._meta.parents:
        write_first(using)
    save.before = [watcher.before(save) for watcher in _watchers[type(instance)]]
    return save


def begin_insert(instance: Any, using: str) -> Save:
    """There was no row before."""
    return Save(instance, using, None, before=[None] * len(_watchers[type(instance)]))


@uncounted()
def end(save: Save) -> None:
    """The row is written."""
    forget(save.instance)
    for watcher, before in zip(_watchers[type(save.instance)], save.before, strict=True):
        watcher.after(save, before)
