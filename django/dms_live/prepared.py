"""Reads rows of published models with less work than Django does.

Building and compiling a query with five joins takes Django longer than a database takes to answer it, and every save of a
published row needs one: so its SQL is written once. (On SQLite all other writers wait meanwhile.) And of rows that many others
refer to, such as units, Django makes one instance for each reference. Here they share it.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from typing import Any

from django.core.exceptions import EmptyResultSet, FieldError, ValidationError
from django.db import connections
from django.db.models import QuerySet
from django.db.models import query as djangos

#: The databases whose queries are written once.
PREPARES = ("postgresql", "sqlite")
#: Values that stand for the key in a query while it is compiled; the first that the column takes.
_STANDINS = (-31_999, "dms-live-key", uuid.UUID(int=2**127 + 31_999))


class Prepared:
    """A query for the rows of one key.

    :param queryset_for: makes the query of a key. Nothing else in it may change from call to call.
    """

    def __init__(self, queryset_for: Callable[[Any], QuerySet[Any]], using: str) -> None:
        self.queryset_for, self.using = queryset_for, using
        self._statement = next(
            (found for standin in _STANDINS if (found := _compiled(queryset_for, standin, using)) is not None), None
        )

    def rows(self, key: Any) -> list[Any]:
        if self._statement is None:
            return list(self.queryset_for(key))
        return self._statement.rows(key)

    def together(self, key: Any, others: Sequence[Prepared]) -> list[list[Any]]:
        """Its rows, and those that other queries have for the same key, by one statement where the driver can do that."""
        several = [self._statement, *(other._statement for other in others)]
        statements = [statement for statement in several if statement is not None]
        if len(statements) < len(several) or not _takes_several(self.using):
            return [self.rows(key), *(other.rows(key) for other in others)]
        with connections[self.using].cursor() as cursor:
            params = [value for statement in statements for value in statement.params_for(key)]
            cursor.execute("; ".join(statement.sql for statement in statements), params)
            found: list[Any] = [cursor.fetchall()]
            found += [cursor.fetchall() for _ in others if cursor.nextset()]
        return [statement.instances(rows) for statement, rows in zip(statements, found, strict=True)]


def _takes_several(using: str) -> bool:
    """Whether several statements can go to the database at once, and all answer."""
    connection: Any = connections[using]
    if connection.vendor != "postgresql" or connection.features.uses_server_side_binding:
        return False
    from django.db.backends.postgresql.psycopg_any import is_psycopg3

    return bool(is_psycopg3)


def read(queryset: QuerySet[Any]) -> list[Any]:
    """The instances of a queryset."""
    using = queryset.db
    try:
        compiler: Any = queryset.query.get_compiler(using=using)
        sql, params = compiler.as_sql()
    except EmptyResultSet:
        return []
    return _Statement(compiler, sql, list(params), None, using).rows()


class _Statement:
    """The SQL of a query, and how Django makes instances of its rows: as ``ModelIterable`` does."""

    def __init__(self, compiler: Any, sql: str, params: list[Any], place: int | None, using: str) -> None:
        self.sql, self.params, self.place, self.using = sql, params, place, using
        columns, info = compiler.select, compiler.klass_info
        own = info["select_fields"]
        self.model = info["model"]
        self.own = slice(own[0], own[-1] + 1)
        self.names = [column[0].target.attname for column in columns[self.own]]
        self.related = djangos.get_related_populators(info, columns, using)
        self.annotations = compiler.annotation_col_map
        converters = compiler.get_converters(column[0] for column in columns)
        self.converters = [(position, *converter) for position, converter in converters.items()]

    def params_for(self, key: Any) -> list[Any]:
        params = list(self.params)
        if self.place is not None:
            params[self.place] = key
        return params

    def rows(self, key: Any = None) -> list[Any]:
        with connections[self.using].cursor() as cursor:
            cursor.execute(self.sql, self.params_for(key))
            return self.instances(cursor.fetchall())

    def instances(self, rows: Any) -> list[Any]:
        connection = connections[self.using]
        shared: dict[Any, Any] = {}
        return [self._instance(self._converted(row, connection), shared) for row in rows]

    def _converted(self, row: Any, connection: Any) -> Any:
        if not self.converters:
            return row
        values = list(row)
        for position, converters, expression in self.converters:
            for convert in converters:
                values[position] = convert(values[position], expression, connection)
        return values

    def _instance(self, row: Any, shared: dict[Any, Any]) -> Any:
        instance = self.model.from_db(self.using, self.names, row[self.own])
        for populator in self.related:
            _populate(populator, row, instance, shared)
        for name, position in self.annotations.items():
            setattr(instance, name, row[position])
        return instance


def _populate(populator: Any, row: Any, instance: Any, shared: dict[Any, Any]) -> None:
    """Sets what an instance refers to, as Django's populator does, but for the sharing.

    :param shared: the instances that the rows before referred to.
    """
    reorder = populator.reorder_for_init
    values = reorder(row) if reorder else row[populator.cols_start : populator.cols_end]
    key = (id(populator), values[populator.pk_idx])
    related = shared.get(key)
    if related is None and key[1] is not None:
        related = shared[key] = populator.model_cls.from_db(populator.db, populator.init_list, values)
        for inner in populator.related_populators:
            _populate(inner, row, related, shared)
    populator.local_setter(instance, related)
    if related is not None:
        populator.remote_setter(related, instance)


def _compiled(queryset_for: Callable[[Any], QuerySet[Any]], standin: Any, using: str) -> _Statement | None:
    """``None`` if the key's column does not take this value, or this Django makes instances in another way."""
    try:
        compiler: Any = queryset_for(standin).query.get_compiler(using=using)
        sql, params = compiler.as_sql()
        # SQLite keeps a UUID as its digits.
        forms = (standin, standin.hex) if isinstance(standin, uuid.UUID) else (standin,)
        places = [place for place, value in enumerate(params) if value in forms]
        return _Statement(compiler, sql, list(params), places[0], using) if len(places) == 1 else None
    except (AttributeError, EmptyResultSet, FieldError, TypeError, ValidationError, ValueError):
        return None
