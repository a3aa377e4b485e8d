"""Which tables triggers watch, and how the triggers in the database are. See the setting ``CAPTURE``."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from django.db import connections, router
from django.db.models import Model

from dms_live.conf import conf
from dms_live.parts import Through, throughs
from dms_live.registry import Registry, registry
from dms_live.specs import Spec
from dms_live.trigger_sql import TRIGGERS, version_of


@dataclass(frozen=True)
class Source:
    """A table that triggers watch: of a published model, or between owners and parts.

    :ivar through: ``None`` for a published model, whose spec is then ``spec``.
    """

    model: type[Model]
    spec: Spec | None
    through: Through | None

    @property
    def label(self) -> str:
        return str(self.model._meta.label)

    @property
    def table(self) -> str:
        return str(self.model._meta.db_table)

    @property
    def key(self) -> str:
        return str(self.model._meta.pk.column)

    @property
    def version(self) -> str:
        return version_of(self.label, self.key)

    @property
    def database(self) -> str:
        return router.db_for_write(self.model)


def fits_triggers(model: type[Model]) -> bool:
    """Whether a row of one table is a row of the model. A model that inherits from a table of its own stays with signals."""
    return not model._meta.concrete_model._meta.parents  # type: ignore[union-attr]


def sources() -> dict[str, Source]:
    """Every table that triggers have to watch, by the label of its model, whatever ``CAPTURE`` is."""
    return _sources(registry())


@lru_cache(maxsize=1)
def _sources(known: Registry) -> dict[str, Source]:
    found = [Source(spec.model, spec, None) for spec in known.published() if fits_triggers(spec.model)]
    found += [Source(through.model, None, through) for through in throughs().values() if fits_triggers(through.model)]
    return {source.label: source for source in found}


def is_captured(model: type[Model]) -> bool:
    """Whether triggers note the changes of this model, so that signals have to publish nothing."""
    if conf().capture != "triggers":
        return False
    spec = registry().spec_of(model)  # of a child or proxy, its parent's
    return (model if spec is None else spec.model)._meta.label in sources()


def captures(using: str) -> bool:
    """Whether triggers note changes in this database."""
    return conf().capture == "triggers" and connections[using].vendor == "postgresql"


def faults_in_triggers(using: str) -> Iterator[str]:
    """What is wrong with the triggers of a database. Nothing is asked on other databases than PostgreSQL."""
    if connections[using].vendor != "postgresql":
        return
    wanted = [source for source in sources().values() if source.database == using]
    quote = connections[using].ops.quote_name
    with connections[using].cursor() as cursor:
        cursor.execute(
            "SELECT tables.name, tgname, tgenabled, obj_description(pg_trigger.oid, 'pg_trigger')"
            " FROM unnest(%s::text[], %s::text[]) AS tables (name, quoted)"
            " JOIN pg_trigger ON tgrelid = to_regclass(quoted) WHERE tgname = ANY(%s)",
            [
                [source.table for source in wanted],
                [quote(source.table) for source in wanted],
                [trigger.name for trigger in TRIGGERS],
            ],
        )
        found = {(table, name): (enabled, comment) for table, name, enabled, comment in cursor.fetchall()}
    for source in wanted:
        states = [found.get((source.table, trigger.name)) for trigger in TRIGGERS]
        if None in states:
            yield f"{source.table} has no triggers"
        elif any(state is not None and state[1] != source.version for state in states):
            yield f"the triggers of {source.table} are of an earlier version"
        elif any(state is not None and state[0] in ("D", "R") for state in states):
            yield f"the triggers of {source.table} are disabled"
