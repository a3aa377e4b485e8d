"""Watches saves from inside Django's own steps, so that the project's signal handlers run as they do without this app.

A change and its event must be committed together. Django commits a save outside any transaction after its single UPDATE or
INSERT, and only then sends ``post_save``. So we put a transaction around that one statement, our reads and our row in the
outbox, and around nothing else. Handlers of the project find the row committed, may fail, and may swallow errors of the
database, exactly as before. Inside a transaction of the project, our reads and writes are simply part of it.

The three methods that are wrapped are Django's own, unchanged since 1.8. Arguments are passed on as they came.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import Any

from django.db import transaction
from django.db.models import Model

from dms_live.locks import write_first
from dms_live.saves import (
    Save,
    Watcher,
    add_watcher,
    begin,
    begin_insert,
    end,
    follows_inserts,
    forget,
    ignored_by,
    inside,
    remember,
    running,
    watchers_of,
)
from dms_live.uncounted import counted, uncounted
from dms_live.unpublished import published_otherwise


def watch(model: Any, watcher: Watcher) -> None:
    """Lets ``watcher`` know about every save of this model, but not of fixtures."""
    add_watcher(model, watcher)
    for wrap in (_wrap_raw, _wrap_parents, _wrap_update, _wrap_insert):
        wrap(model)


def _is_wrapped(method: Any) -> bool:
    return getattr(method, "is_of_dms_live", False)


def _put(model: Any, name: str, method: Any) -> None:
    method.is_of_dms_live = True
    setattr(model, name, method)


def _wrap_raw(model: Any) -> None:
    """Fixtures are saved "raw", and only this method knows. It also notices that one of several tables could not be written."""
    original = model._save_table
    if _is_wrapped(original):
        return

    def _save_table(self: Any, raw: bool = False, *args: Any, **kwargs: Any) -> Any:
        if not raw:
            try:
                return original(self, raw, *args, **kwargs)
            except BaseException:
                # The other tables of this model are not written any more. A later save must not take this one for its own.
                forget(self)
                raise
        remember(Save(self, "", None, is_inside=True))
        try:
            with published_otherwise():
                return original(self, raw, *args, **kwargs)
        finally:
            forget(self)

    _put(model, "_save_table", _save_table)


def _wrap_parents(model: Any) -> None:
    """A model that inherits from a table of its own is several statements, which Django puts into a transaction itself."""
    original = model._save_parents
    if _is_wrapped(original):
        return

    def _save_parents(self: Any, cls: Any, using: str, *args: Any, **kwargs: Any) -> Any:
        is_watched = watchers_of(type(self), using) if self.pk is not None else follows_inserts(type(self), using)
        if cls._meta.parents and cls is self._meta.concrete_model and is_watched:
            remember(begin(self, self.pk, using))
        return original(self, cls, using, *args, **kwargs)

    _put(model, "_save_parents", _save_parents)


def _wrap_update(model: Any) -> None:
    original = model._do_update
    if _is_wrapped(original):
        return
    is_djangos = original is Model._do_update

    def _do_update(self: Any, base_qs: Any, using: str, pk_val: Any, values: Any, *args: Any, **kwargs: Any) -> Any:
        under_way = running(self)
        watchers = watchers_of(type(self), using)
        if not watchers or (under_way is not None and under_way.is_inside):
            return original(self, base_qs, using, pk_val, values, *args, **kwargs)
        written = {column.attname: value for column, _, value in values}
        is_again = False
        if under_way is None:
            ignored_if = ignored_by(watchers, written, using)
            if ignored_if == {}:
                with published_otherwise():
                    return original(self, base_qs, using, pk_val, values, *args, **kwargs)
            # The UPDATE itself asks whether anything of interest would change. Only if so, it is made again, and watched.
            if ignored_if and is_djangos:
                is_again = True  # for the project it is one
                same = base_qs.filter(**ignored_if)
                with published_otherwise():
                    found = original(self, same, using, pk_val, values, *args, **kwargs)
                if found:
                    return found  # what it is depends on Django: from 6.0 on, the values that the database returns
        with _alone(using) if under_way is None else nullcontext():
            save = under_way or begin(self, pk_val, using)
            save.values.update(written)
            with inside(save), uncounted() if is_again else nullcontext():
                updated = original(self, base_qs, using, pk_val, values, *args, **kwargs)
            if updated and base_qs.model is self._meta.concrete_model:
                end(save)
        return updated

    _put(model, "_do_update", _do_update)


def _wrap_insert(model: Any) -> None:
    original = model._do_insert
    if _is_wrapped(original):
        return

    def _do_insert(self: Any, manager: Any, using: str, fields: Any, returning: Any, *args: Any, **kwargs: Any) -> Any:
        under_way = running(self)
        if not follows_inserts(type(self), using) or (under_way is not None and under_way.is_inside):
            return original(self, manager, using, fields, returning, *args, **kwargs)
        with _alone(using) if under_way is None else nullcontext():
            save = under_way or begin_insert(self, using)
            with inside(save):
                results = original(self, manager, using, fields, returning, *args, **kwargs)
            if manager.model is self._meta.concrete_model:
                save.pk = _new_key(self, results, returning)
                end(save)
        return results

    _put(model, "_do_insert", _do_insert)


def _new_key(instance: Any, results: Any, returning: Any) -> Any:
    """The key of a new row. Django sets one that the database gave on the instance a little later: until then, the instance has
    none, or the expression of a ``db_default``. ``None`` if the database did not return it.
    """
    for value, column in zip(results[0] if results else (), returning or (), strict=False):
        if column.primary_key and value is not None:
            return value
    return None if hasattr(instance.pk, "resolve_expression") else instance.pk


@contextmanager
def _alone(using: str) -> Iterator[None]:
    """A transaction of our own, if the project has none."""
    is_ours = not transaction.get_connection(using).in_atomic_block
    with uncounted(), transaction.atomic(using=using) if is_ours else nullcontext():
        write_first(using)
        with counted():
            yield
