"""Runs the tests with each Django and Simple JWT that the app promises to work with: ``python3 tests/matrix.py``.

    --oldest   only the oldest of both, and only the tests of what depends on them: CI runs this
    --list     prints the combinations; one or several of them may be given

Each combination is a folder beside the virtual environment's own packages, and comes before them. Another Python has an
environment of its own: ``python3.12 tests/matrix.py``. Packages come from the index that pip is set up with.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from itertools import product
from pathlib import Path
from typing import NamedTuple

import environment

HERE = Path(__file__).resolve().parent
DJANGO = ("4.2", "5.1", "5.2", "newest")
SIMPLE_JWT = ("5.3.1", "newest")
#: What depends on the versions of both.
SMALL = ("test_sessions.py", "test_logout.py", "test_token_checks.py")


class Combination(NamedTuple):
    django: str
    simple_jwt: str

    @property
    def name(self) -> str:
        return f"django-{self.django}-simplejwt-{self.simple_jwt}"

    @property
    def packages(self) -> tuple[str, ...]:
        # Only the newest REST framework knows the newest Django.
        rest = () if self.django in ("4.2", "5.1") else ("djangorestframework",)
        django = "Django<6.1" if self.django == "newest" else f"Django=={self.django}.*"
        jwt = "" if self.simple_jwt == "newest" else f"=={self.simple_jwt}"
        return (django, f"djangorestframework-simplejwt{jwt}", *rest)


ALL = [Combination(*versions) for versions in product(DJANGO, SIMPLE_JWT)]


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--oldest", action="store_true")
    arguments.add_argument("--list", action="store_true")
    arguments.add_argument("names", nargs="*", choices=[[], *(combination.name for combination in ALL)])
    given = arguments.parse_args()
    chosen = [combination for combination in ALL if not given.names or combination.name in given.names]
    chosen = chosen[:1] if given.oldest else chosen
    if given.list:
        print("\n".join(combination.name for combination in chosen))
        return
    python = environment.make(environment.home_of_this_python())
    failed = [
        combination.name for combination in chosen if not _passes(python, combination, SMALL if given.oldest else ())
    ]
    sys.exit(f"Failed: {', '.join(failed)}" if failed else 0)


def _passes(python: Path, combination: Combination, files: tuple[str, ...]) -> bool:
    folder = python.parent.parent / "versions" / combination.name
    if not (folder / "rest_framework_simplejwt").exists():
        install = [
            str(python),
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
            "--no-deps",
            "--upgrade",
        ]
        subprocess.run([*install, "--target", str(folder), *combination.packages], check=True)
    path = os.pathsep.join((str(folder), str(HERE)))
    tests = [str(HERE / file) for file in files]
    done = subprocess.run(
        [str(python), "-m", "pytest", "--quiet", "-p", "no:cacheprovider", *tests],
        cwd=HERE.parent,
        env={**os.environ, "PYTHONPATH": path},
        check=False,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    passes = done.returncode == 0
    said = done.stdout.strip()
    versions = _versions(python, path)
    print(f"{combination.name} ({versions}): {said.splitlines()[-1] if passes else said}", flush=True)
    return passes


def _versions(python: Path, path: str) -> str:
    """What was really imported."""
    ask = (
        "import django, rest_framework, rest_framework_simplejwt as jwt, sys; print('Python', sys.version.split()[0], "
    )
    ask += "'Django', django.__version__, 'REST framework', rest_framework.VERSION, 'Simple JWT', jwt.__version__)"
    done = subprocess.run(
        [str(python), "-c", ask], env={**os.environ, "PYTHONPATH": path}, check=True, stdout=subprocess.PIPE, text=True
    )
    return done.stdout.strip()


if __name__ == "__main__":
    main()
