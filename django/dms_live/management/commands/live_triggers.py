"""Writes the migration that makes the triggers of ``CAPTURE``, or checks them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from json import dumps
from pathlib import Path
from typing import Any

from django.apps import apps
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.writer import MigrationWriter

from dms_live.capturing import Source, captures, faults_in_triggers, sources
from dms_live.conf import conf
from dms_live.registry import registry
from dms_live.trigger_migrations import CaptureChanges, StopCapturing

_FILE = '''"""Lets PostgreSQL note every change of published tables. Written by ``manage.py live_triggers``."""

from django.db import migrations

from dms_live.trigger_migrations import {names}


class Migration(migrations.Migration):
    dependencies = [
{dependencies}
    ]

    operations = [
{operations}
    ]
'''


class Command(BaseCommand):
    help = "Writes a migration with the triggers that note every change of published tables (PostgreSQL)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--app", help="the app that gets the migration; by default that of the first published model"
        )
        parser.add_argument(
            "--check", action="store_true", help="write nothing; fail if triggers are missing or outdated"
        )
        parser.add_argument("--stop", action="store_true", help="write a migration that takes all triggers away")

    def handle(self, *args: Any, app: str | None, check: bool, stop: bool, **options: Any) -> None:
        loader = MigrationLoader(None)
        wanted = {} if stop else sources()
        operations = list(_operations(_known(loader), wanted))
        if check:
            self._check(operations)
            return
        if not operations:
            self.stdout.write("The migrations have all triggers.")
            return
        path = _path(loader, app or next(iter(sources().values())).model._meta.app_label)
        label = path.parent.parent.name if app is None else app
        path.write_text(_written(operations, _dependencies(loader, label, operations)), encoding="utf-8")
        self.stdout.write(f"Wrote {path}. Next: manage.py migrate, then DMS_LIVE['CAPTURE'] = 'triggers'.")

    def _check(self, operations: Sequence[CaptureChanges]) -> None:
        faults = [f"{operation.table}: no migration makes its triggers as they should be" for operation in operations]
        for using in registry().databases():
            faults += faults_in_triggers(using)
        if faults:
            raise CommandError("\n".join([*faults, "Run manage.py live_triggers, then manage.py migrate."]))
        if not any(map(captures, registry().databases())):
            self.stdout.write(f"All triggers are there. DMS_LIVE['CAPTURE'] is {conf().capture!r}: nobody uses them.")
            return
        self.stdout.write("All triggers are there.")


def _known(loader: MigrationLoader) -> dict[str, CaptureChanges]:
    """What the migrations of the project make, by table."""
    known: dict[str, CaptureChanges] = {}
    graph = loader.graph
    for key in dict.fromkeys(key for leaf in graph.leaf_nodes() for key in graph.forwards_plan(leaf)):
        for operation in graph.nodes[key].operations:
            if isinstance(operation, StopCapturing):
                known.pop(operation.table, None)
            elif isinstance(operation, CaptureChanges):
                known[operation.table] = operation
    return known


def _operations(known: dict[str, CaptureChanges], wanted: dict[str, Source]) -> Iterator[CaptureChanges]:
    tables = {source.table for source in wanted.values()}
    for table, operation in known.items():
        if table not in tables:
            yield StopCapturing(operation.model, operation.table, operation.key, operation.version)
    for source in wanted.values():
        there = known.get(source.table)
        if there is None or there.version != source.version:
            yield CaptureChanges(source.label, source.table, source.key, source.version)


def _path(loader: MigrationLoader, label: str) -> Path:
    if label not in {config.label for config in apps.get_app_configs()}:
        raise CommandError(f"There is no app {label!r}.")
    module, _ = loader.migrations_module(label)
    if label in loader.unmigrated_apps or module is None:
        raise CommandError(f"The app {label!r} has no migrations: choose another one by --app.")
    last = max((name for app, name in loader.disk_migrations if app == label), default="0000")
    number = int(last[:4]) + 1 if last[:4].isdigit() else 1
    writer = MigrationWriter(type("Migration", (), {"app_label": label, "name": ""})())
    return Path(writer.basedir) / f"{number:04}_live_triggers.py"


def _dependencies(loader: MigrationLoader, label: str, operations: Sequence[CaptureChanges]) -> list[tuple[str, str]]:
    labels = dict.fromkeys([label, "dms_live", *(operation.model.split(".")[0] for operation in operations)])
    return [leaf for each in labels for leaf in loader.graph.leaf_nodes(each)]


def _written(operations: Sequence[CaptureChanges], dependencies: Sequence[tuple[str, str]]) -> str:
    names = sorted({type(operation).__name__ for operation in operations})
    return _FILE.format(
        names=", ".join(names),
        dependencies="\n".join(f'        ("{app}", "{name}"),' for app, name in dependencies),
        operations="\n".join(
            f"        {type(one).__name__}({dumps(one.model)}, table={dumps(one.table)}, key={dumps(one.key)},"
            f" version={dumps(one.version)}),"
            for one in operations
        ),
    )
