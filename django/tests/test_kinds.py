"""The rows of kinds.py fit the contract, no other module repeats them, and nothing of the contract is forgotten."""

from __future__ import annotations

import ast
import re
from itertools import product
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.utils import timezone

import dms_live
from conftest import RedisServer
from dms_live.kinds import KINDS, LIKELY, Kind
from dms_live.kpis import count_figures
from dms_live.paths import Path as Path_
from dms_live.serialize import _write
from dms_live.shapes import CONTRACT, EVENTS, SHAPES, _part
from dms_live.specs import Bound
from dms_live.topics import KPIS
from dms_live.users import shape_user
from dms_live.values import Unfit, as_list
from live_case import World

APP = Path(dms_live.__file__).parent
README = (APP.parent / "README.md").read_text(encoding="utf-8")
NAMES = {*KINDS, *CONTRACT["kinds"]}
ROWS = pytest.mark.parametrize("row", KINDS.values(), ids=KINDS.keys())


def literals(source: str) -> set[str]:
    """Kinds that a module spells: alone, or as the first part of a topic's name."""
    texts = (node.value for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Constant))
    return {name for text in texts if isinstance(text, str) and (name := text.split(":")[0]) in NAMES}


def test_no_module_but_one_spells_a_kind() -> None:
    modules = [path for path in APP.rglob("*.py") if path.name != "kinds.py"]
    spelt = {(path.name, name) for path in modules for name in literals(path.read_text(encoding="utf-8"))}
    assert len(modules) > 30
    assert spelt == {("topics.py", KPIS)}  # snapshots are no entities


def test_each_kind_of_the_contract_has_a_row() -> None:
    snapshots = {name for name, kind in CONTRACT["kinds"].items() if kind["newestOnly"]}
    assert set(CONTRACT["kinds"]) - snapshots == set(EVENTS)
    assert set(EVENTS) == {row.name for row in KINDS.values() if not row.part_of}


@ROWS
def test_a_row_names_only_actions_of_the_contract(row: Kind) -> None:
    actions = CONTRACT["kinds"].get(row.name, {}).get("actions")
    named = {row.bulk, row.deleted, *((row.move.out, row.move.into, *row.move.implies) if row.move else ())} - {""}
    words = next((tuple(part.words) for part in SHAPES[row.name] if part.name == "status"), ())
    pairs = [({"status": before}, {"status": after}) for before, after in product(words, repeat=2)]
    named |= {action for rule in row.changes for pair in pairs if (action := rule(*pair)) is not None}
    assert named <= set(actions or ())
    assert set(row.ended) <= set(words)


@ROWS
def test_a_row_names_only_fields_of_the_contract(row: Kind) -> None:
    fields = {part.name for part in SHAPES[row.name]}
    assert {*row.needs, row.unit_from, row.own_action} - {""} <= fields
    assert set(LIKELY.get(row.name, {})) <= fields
    for path in (row.sheds, row.addressee):
        type_name = entity_type(row)
        for name in filter(None, path.split(".")):
            type_name = CONTRACT["entities"][type_name][name]["type"]
    assert bool(row.addressee) == CONTRACT["kinds"].get(row.name, {}).get("userTopics", False)


def entity_type(row: Kind) -> Any:
    return row.entity or CONTRACT["kinds"][row.name]["entity"]


@pytest.mark.django_db(transaction=True)
def test_users_and_figures_have_every_field_of_the_contract(live: RedisServer) -> None:
    world = World()
    assert set(shape_user(world.head) or {}) == set(CONTRACT["entities"]["User"])
    figures = count_figures(timezone.now())[None]
    assert {"id", "computedAt", *figures} == set(CONTRACT["entities"]["DashboardKpis"])


def test_the_readme_names_what_each_kind_needs() -> None:
    rows = re.findall(r"^\| `(\w+)`[^|]*\|([^|]*)\|", README, flags=re.MULTILINE)
    needed = {kind: set(re.findall(r"\w+", fields.split("(")[0])) for kind, fields in rows if kind in KINDS}
    assert needed == {kind: {part.name for part in parts if part.required} - {"id"} for kind, parts in SHAPES.items()}


@pytest.mark.parametrize(
    ("given", "value", "written"),
    [
        ({"type": "String"}, ("a", None, 2), ["a", "2"]),
        ({"type": "Int"}, "[1, 2]", [1, 2]),
        ({"type": "Colour", "words": {"DARK_RED": ""}}, ["dark red", "Dark-Red"], ["DARK_RED", "DARK_RED"]),
        ({"type": "String"}, None, None),
    ],
)
def test_a_field_may_be_a_list_of_values(given: Any, value: Any, written: Any) -> None:
    part = _part(KINDS["crate"], "tags", {**given, "required": False, "list": True})
    assert _write(Bound(part, (Path_(("tags",), ()),), {}), SimpleNamespace(tags=value), None, whole=True) == written  # type: ignore[arg-type]


def test_what_is_no_list_is_refused() -> None:
    with pytest.raises(Unfit):
        as_list("one, two")
