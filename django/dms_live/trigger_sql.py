"""The SQL of the triggers by which PostgreSQL itself notes every change of a published table.

One function serves all tables. It runs with the rights of its owner, so that other programs need none on our table, and with a
fixed ``search_path``, so that nobody puts another table in its place. The triggers come after those of the project: the noted row
is the stored one.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

FUNCTION = "dms_live_capture"
#: The setting of a transaction that names the acting user, by the id that tokens have.
ACTOR = "dms_live.actor"

_BODY = """
DECLARE
  was jsonb;
  now jsonb;
BEGIN
  IF TG_OP = 'TRUNCATE' THEN
    EXECUTE pg_catalog.format(
      'INSERT INTO %1$I.dms_live_capturedchange (model, operation, key, before, action, actor, transaction, at, is_done)'
      ' SELECT $1, ''D'', pg_catalog.to_jsonb(gone) ->> $2, pg_catalog.to_jsonb(gone), '''', $3, txid_current(),'
      ' clock_timestamp(), false FROM %%I.%%I AS gone', TG_TABLE_SCHEMA, TG_TABLE_NAME)
      USING TG_ARGV[0], TG_ARGV[1], coalesce(current_setting('dms_live.actor', true), '');
    RETURN NULL;
  END IF;
  IF TG_OP <> 'INSERT' THEN was := to_jsonb(OLD); END IF;
  IF TG_OP <> 'DELETE' THEN now := to_jsonb(NEW); END IF;
  INSERT INTO %1$I.dms_live_capturedchange
    (model, operation, key, before, after, action, actor, transaction, at, is_done)
  VALUES (
    TG_ARGV[0], left(TG_OP, 1), coalesce(now, was) ->> TG_ARGV[1], was, now, '',
    coalesce(current_setting('dms_live.actor', true), ''), txid_current(), clock_timestamp(), false
  );
  RETURN NULL;
END
"""

#: The schema is that of our table, wherever the project keeps it.
CREATE_FUNCTION = f"""DO $do$ BEGIN EXECUTE format($create$
CREATE OR REPLACE FUNCTION %1$I.{FUNCTION}() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $body${_BODY}$body$;
REVOKE ALL ON FUNCTION %1$I.{FUNCTION}() FROM PUBLIC
$create$, (SELECT relnamespace::regnamespace::name FROM pg_class WHERE oid = 'dms_live_capturedchange'::regclass)); END $do$"""
DROP_FUNCTION = f"DROP FUNCTION IF EXISTS {FUNCTION}()"


@dataclass(frozen=True)
class Trigger:
    """One trigger of a captured table."""

    name: str
    events: str
    condition: str


#: Names that sort late: PostgreSQL runs triggers of one kind in the order of their names.
TRIGGERS = (
    Trigger("zz_dms_live_rows", "AFTER INSERT OR DELETE", "FOR EACH ROW"),
    # A save that changes nothing costs nothing. The images are compared, since some types (json) have no equality.
    Trigger("zz_dms_live_updates", "AFTER UPDATE", "FOR EACH ROW WHEN (OLD.* *<> NEW.*)"),
    Trigger("zz_dms_live_truncation", "BEFORE TRUNCATE", "FOR EACH STATEMENT"),
)


def create_triggers(table: str, model: str, key: str) -> list[str]:
    """The statements that make the triggers of a table, or make them again. Their comment is their version.

    :param table: quoted.
    :param key: the column of the primary key.
    """
    made = [
        statement
        for trigger in TRIGGERS
        for statement in (
            f"CREATE TRIGGER {trigger.name} {trigger.events} ON {table}\n  {trigger.condition}\n"
            f"  EXECUTE FUNCTION {FUNCTION}({_literal(model)}, {_literal(key)})",
            f"COMMENT ON TRIGGER {trigger.name} ON {table} IS {_literal(version_of(model, key))}",
        )
    ]
    return [*drop_triggers(table), *made]


def drop_triggers(table: str) -> list[str]:
    return [f"DROP TRIGGER IF EXISTS {trigger.name} ON {table}" for trigger in TRIGGERS]


def version_of(model: str, key: str) -> str:
    """It changes when triggers have to be made again."""
    return "dms_live " + hashlib.sha256(f"{TRIGGERS}{model}({key})".encode()).hexdigest()[:12]


def _literal(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
