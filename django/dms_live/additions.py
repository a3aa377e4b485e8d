"""Watches what is added to many-to-many relations, without listening to ``m2m_changed``: with a listener, Django asks first which
rows are there already, which is a statement more for each ``add()``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from django.db import router
from django.db.models import Model
from django.db.models.fields.related_descriptors import ManyToManyDescriptor
from django.db.models.signals import m2m_changed

#: Takes the table between, the instance that was added to, the keys of what was added, and the database.
Added = Callable[[Any, Model, Iterable[Any], str], None]


def watch_additions(through: Any, added: Added) -> None:
    """Calls after each addition, in its transaction."""
    descriptors = _descriptors(through)
    # With a table of the project's own, Django asks anyway. Relations of other packages may add in another way.
    if not descriptors or any(type(descriptor) is not ManyToManyDescriptor for descriptor in descriptors):

        def after_added(sender: Any, instance: Any, action: str, pk_set: Any, using: str, **_: Any) -> None:
            if action == "post_add":
                added(sender, instance, pk_set or (), using)

        m2m_changed.connect(after_added, sender=through, weak=False, dispatch_uid="dms_live")
        return
    for descriptor in descriptors:
        _wrap(descriptor.related_manager_cls, added)


def _wrap(manager: Any, added: Added) -> None:
    original = manager._add_items
    if getattr(original, "is_of_dms_live", False):
        return

    def _add_items(self: Any, source: str, target: str, *objs: Any, **named: Any) -> None:
        original(self, source, target, *objs, **named)
        if objs:
            using = router.db_for_write(self.through, instance=self.instance)
            added(self.through, self.instance, self._get_target_ids(target, objs), using)

    _add_items.is_of_dms_live = True  # type: ignore[attr-defined]
    manager._add_items = _add_items


def _descriptors(through: Any) -> list[Any]:
    """Both sides of a relation whose table Django has made."""
    owner = through._meta.auto_created
    for column in owner._meta.local_many_to_many if owner else ():
        if column.remote_field.through is through:
            related = column.remote_field
            sides = [(owner, column.name)]
            if not related.hidden:
                sides.append((related.model, related.get_accessor_name()))
            return [model.__dict__.get(name) for model, name in sides]
    return []
