"""What is installed may be used: every Python package has a license that is on a list (as test/unit/licenses.test.ts for npm)."""

from __future__ import annotations

import re
from importlib.metadata import Distribution, distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement

OF_WHAT_RUNS = {"0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "BSD", "ISC", "MIT", "PSF-2.0"}
"""The Django app may be run and sold with these, without asking anybody."""
OF_TOOLS = {*OF_WHAT_RUNS, "LGPL-3.0-only", "MPL-2.0"}
"""Tools that test and lint, and the driver of PostgreSQL that a project chooses: nothing of them is in what we ship."""

SPELLINGS = {
    "BSD License": "BSD",
    "New BSD": "BSD",
    "MIT License": "MIT",
    "Apache Software License": "Apache-2.0",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
}


def name_of(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def licenses_of(package: Distribution) -> list[str]:
    """An expression as SPDX writes it; or what the classifiers say; or what the field says that came before both."""
    known = package.metadata
    expression = known.get("License-Expression")
    if expression is not None:
        return [expression]
    classifiers = known.get_all("Classifier") or []
    found = [words.split(" :: ")[-1] for words in classifiers if words.startswith("License :: ")]
    return [SPELLINGS.get(words, words) for words in found or [known.get("License") or "none"]]


def is_allowed(expression: str, allowed: set[str]) -> bool:
    choices = re.sub("[()]", "", expression).split(" OR ")
    return any(all(part in allowed for part in choice.split(" AND ")) for choice in choices)


def needed_by(requirements: list[str], installed: dict[str, Distribution]) -> set[str]:
    """The names of these packages that are installed, and of all that they need."""
    found: set[str] = set()
    waiting = [Requirement(written) for written in requirements]
    while waiting:
        wanted = waiting.pop()
        name = name_of(wanted.name)
        if name in found or name not in installed:
            continue
        found.add(name)
        needs = [Requirement(written) for written in installed[name].requires or []]
        waiting += [need for need in needs if need.marker is None or need.marker.evaluate({"extra": ""})]
    return found


def test_every_package_has_a_license_that_is_on_the_list() -> None:
    tomllib = pytest.importorskip("tomllib")
    project = tomllib.loads((Path(__file__).parent.parent / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"]
    installed = {name_of(package.metadata["Name"]): package for package in distributions()}
    running = needed_by([*project["dependencies"], *extras["jwt"], *extras["celery"]], installed)
    assert {"django", "redis", "pyjwt", "kombu"} <= running
    refused = {
        name: licenses
        for name, package in installed.items()
        for licenses in [licenses_of(package)]
        if not all(is_allowed(one, OF_WHAT_RUNS if name in running else OF_TOOLS) for one in licenses)
    }
    assert refused == {}


def test_a_license_is_read_as_spdx_writes_it() -> None:
    assert is_allowed("(GPL-3.0-only OR MIT)", OF_WHAT_RUNS)
    assert not is_allowed("MIT AND GPL-3.0-only", OF_WHAT_RUNS)
    assert not is_allowed("none", OF_TOOLS)
