"""What this app costs a project on PostgreSQL, with it and without: ``python bench/cost.py [--triggers] [rounds]``.

Two processes run the same project, one with the app and one without. They take turns, so that both meet the same machine. With
``--triggers`` a third runs it with ``CAPTURE`` set to ``"triggers"``.
Of a small work the median of a turn counts, and of all turns the fastest, in which other programs disturbed least. Statements do
not count BEGIN and COMMIT. Nothing is sent: that is another process's work.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

TESTS = Path(__file__).resolve().parents[1] / "tests"
sys.path[:0] = [str(TESTS), str(TESTS.parent)]


class Project:
    """A process that does one piece of work when asked."""

    def __init__(self, postgres: str, with_app: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, str(Path(__file__).with_name("work.py")), postgres, with_app],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def do(self, work: str) -> dict[str, Any]:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(f"{work}\n")
        self.process.stdin.flush()
        return dict(json.loads(self.process.stdout.readline()))

    def end(self) -> None:
        self.process.communicate()


def measure(
    postgres: str, rounds: int, only: Sequence[str] = (), names: Sequence[str] = ("off", "on")
) -> dict[str, dict[str, list[dict[str, Any]]]]:
    """For each piece of work, the answers of the project without the app ("off"), with it ("on"), and with triggers."""
    projects = {name: Project(postgres, name) for name in names}
    works = only or projects["off"].do("works")["works"]
    answers: dict[str, dict[str, list[dict[str, Any]]]] = {}
    for work in works:
        answers[work] = {name: [] for name in names}
        for turn in range(rounds if not work.startswith("many") else min(rounds, 5)):
            for name in names if turn % 2 else reversed(names):
                answers[work][name].append(projects[name].do(work))
    for project in projects.values():
        project.end()
    return answers


def main() -> None:
    from postgres_server import running_postgres

    arguments = [argument for argument in sys.argv[1:] if argument != "--triggers"]
    rounds = int(arguments[0]) if arguments else 10
    names = ("off", "on", "triggers")[: 3 if "--triggers" in sys.argv else 2]
    with running_postgres() as postgres:
        answers = measure(postgres, rounds, names=names)
    print(f"{'':34}{'statements':>16}{'fastest turn, ms':>28}{'more':>20}{'of it at work, ms':>28}{'more':>20}")
    for work, by_name in answers.items():
        line = f"{work:34}{' → '.join(str(by_name[name][-1]['statements']) for name in names):>16}"
        for measured in ("ms", "cpu"):
            off, *others = times = [min(answer[measured] for answer in by_name[name]) for name in names]
            more = [f"{on / off:.1f} ×" if work.startswith("many") else f"{on - off:+.2f} ms" for on in others]
            line += f"{' → '.join(f'{time:.2f}' for time in times):>28}{', '.join(more):>20}"
        print(line)


if __name__ == "__main__":
    main()
