"""Paths such as ``created_by.role``. A path is checked against a model once, then followed on its instances."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.core.exceptions import FieldDoesNotExist, ObjectDoesNotExist
from django.db.models import Model

#: A field of these is read as it is. Others may have values that are called, or attributes that raise.
_DJANGOS = ("django.db.models.fields", "django.db.models.fields.related")


@dataclass(frozen=True)
class Path:
    """``steps`` are attributes; ``joins`` the relations among them, as ``select_related`` wants them."""

    steps: tuple[str, ...]
    joins: tuple[str, ...]
    #: The model's field at the end; ``None`` if the path ends at a property or method, or goes through one.
    field: Any = None

    def value_of(self, instance: Any) -> Any:
        """The value; ``None`` where something on the way is missing."""
        if self.is_column:
            return getattr(instance, self.steps[0])
        value = instance
        for step in self.steps:
            if value is None:
                return None
            try:
                value = getattr(value, step)
            except (AttributeError, ObjectDoesNotExist):
                return None
            if callable(value) and not hasattr(value, "get_queryset"):
                value = value()
        return value

    @cached_property
    def is_column(self) -> bool:
        """Whether it is a plain column of the instance itself."""
        if len(self.steps) != 1 or self.field is None or not self.field.concrete or self.field.many_to_many:
            return False
        return bool(self.steps[0] == self.field.attname and type(self.field).__module__ in _DJANGOS)

    @property
    def leads_to_many(self) -> bool:
        """Whether there are many rows at the end."""
        return bool(getattr(self.field, "one_to_many", False) or getattr(self.field, "many_to_many", False))

    @property
    def lookup(self) -> str:
        """The path in a queryset."""
        return "__".join(self.steps)


def find_path(model: type[Model], written: str, *, as_id: bool = False) -> Path | None:
    """The path, if the model has it.

    :param as_id: whether an id is wanted. Then the path to a foreign key ends at its own column.
    """
    steps = written.replace("__", ".").split(".")
    taken: list[str] = []
    joins: list[str] = []
    here: type[Model] | None = model
    field: Any = None
    for position, step in enumerate(steps):
        if here is None:  # after a property: what it has is known only when the path is followed
            taken.append(step)
            field = None
            continue
        field = field_of(here, step)
        if field is None and not hasattr(here, step):
            return None
        is_last = position == len(steps) - 1
        is_one = _leads_to_one(field, step)
        if is_last and as_id and is_one and field.concrete:
            taken.append(field.attname)
            break
        taken.append(step)
        if is_one:
            joins.append("__".join(taken))
        elif not is_last and field is not None and (not field.is_relation or field.one_to_many or field.many_to_many):
            return None  # neither a plain column nor many rows have parts
        here = field.related_model if is_one else None
    return Path(tuple(taken), tuple(joins), field)


def _leads_to_one(field: Any, step: str) -> bool:
    """Whether a step joins one row. A generic foreign key does not: its model is known only when the path is followed."""
    if field is None or field.related_model is None or step == getattr(field, "attname", None):
        return False
    return bool(field.one_to_one or (field.many_to_one and field.concrete))


def field_of(model: type[Model], name: str) -> Any:
    """A model's field or relation, by the name that it has on instances; ``None``: it has none of this name."""
    try:
        return model._meta.get_field("id" if name == "pk" and _has(model, "id") else name)
    except FieldDoesNotExist:
        # A reverse relation is found by its query name; on instances it goes by its accessor.
        for relation in model._meta.related_objects:
            if relation.get_accessor_name() == name:
                return relation
        return None


def _has(model: type[Model], name: str) -> bool:
    return any(field.name == name for field in model._meta.fields)
