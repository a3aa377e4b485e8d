"""The operations of migrations that make triggers. On other databases than PostgreSQL they do nothing."""

from __future__ import annotations

from typing import Any

from django.db.migrations.operations.base import Operation

from dms_live.trigger_sql import CREATE_FUNCTION, DROP_FUNCTION, create_triggers, drop_triggers


class _OnPostgres(Operation):
    reduces_to_sql = True
    reversible = True

    def state_forwards(self, app_label: str, state: Any) -> None:
        """Models stay as they are."""

    def _run(self, schema_editor: Any, statements: list[str]) -> None:
        if schema_editor.connection.vendor == "postgresql":
            for statement in statements:
                schema_editor.execute(statement, params=None)


class CreateCaptureFunction(_OnPostgres):
    """Makes the function that the triggers call."""

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        if _is_here(schema_editor, app_label, "capturedchange"):
            self._run(schema_editor, [CREATE_FUNCTION])

    def database_backwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        if _is_here(schema_editor, app_label, "capturedchange"):
            self._run(schema_editor, [DROP_FUNCTION])

    def describe(self) -> str:
        return "Creates the function of the triggers that note changes"


class CaptureChanges(_OnPostgres):
    """Lets triggers note every change of a table. Run again, it replaces them.

    :param model: the label of the published model, such as ``documents.Request``.
    :param table: its table, as the database has it.
    :param key: the column of its primary key.
    :param version: of the triggers, so that ``live_triggers`` knows when they have to be made again.
    """

    def __init__(self, model: str, table: str, key: str, version: str) -> None:
        self.model, self.table, self.key, self.version = model, table, key, version

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        if self._is_here(schema_editor):
            self._run(schema_editor, create_triggers(schema_editor.quote_name(self.table), self.model, self.key))

    def database_backwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        if self._is_here(schema_editor):
            self._run(schema_editor, drop_triggers(schema_editor.quote_name(self.table)))

    def describe(self) -> str:
        return f"Notes every change of {self.table}"

    def _is_here(self, schema_editor: Any) -> bool:
        return _is_here(schema_editor, *self.model.split("."))


class StopCapturing(CaptureChanges):
    """Takes the triggers of a table away."""

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        super().database_backwards(app_label, schema_editor, from_state, to_state)

    def database_backwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        super().database_forwards(app_label, schema_editor, from_state, to_state)

    def describe(self) -> str:
        return f"Notes changes of {self.table} no more"


def _is_here(schema_editor: Any, app: str, model: str) -> bool:
    """Whether the project keeps this model in the database that is migrated."""
    from django.db import router

    return router.allow_migrate(schema_editor.connection.alias, app, model_name=model.lower())
