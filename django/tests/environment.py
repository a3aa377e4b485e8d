"""Makes the virtual environment that the tests and the demo run in, and prints its Python: ``python3 environment.py``.

It lies in ``django/.venv`` and holds what ``requirements.txt`` beside this file pins. It is made again when that file or the
Python changes. A second run has nothing to do, and two at once wait for each other. Only the standard library is needed.
"""

from __future__ import annotations

import fcntl
import hashlib
import importlib.util
import subprocess
import sys
from pathlib import Path

OLDEST = (3, 10)
REQUIREMENTS = Path(__file__).with_name("requirements.txt")
HOME = Path(__file__).resolve().parent.parent / ".venv"


def main() -> None:
    if sys.version_info < OLDEST:
        sys.exit(f"Python {'.'.join(map(str, OLDEST))} or newer is needed; this is {sys.version.split()[0]}.")
    if importlib.util.find_spec("ensurepip") is None:
        sys.exit("Python's venv module is incomplete. Get it with: sudo apt-get install python3-venv")
    print(make(HOME))


def make(home: Path) -> Path:
    """Makes the environment unless it is there, and returns its Python."""
    with home.with_name(f"{home.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        _make_if_stale(home)
    return home / "bin" / "python"


def home_of_this_python() -> Path:
    """``.venv`` if it was made of the Python that runs this, or of none yet; else one beside it: ``.venv-3.12``."""
    mark = HOME / "made-of"
    if not mark.exists() or mark.read_text() == _wanted():
        return HOME
    return HOME.with_name(f".venv-{sys.version_info.major}.{sys.version_info.minor}")


def _wanted() -> str:
    return hashlib.sha256(f"{sys.version}\n{REQUIREMENTS.read_text()}".encode()).hexdigest()


def _make_if_stale(home: Path) -> None:
    mark = home / "made-of"
    if mark.exists() and mark.read_text() == _wanted():
        return
    print(f"Making django/{home.name} …", file=sys.stderr)
    _run(sys.executable, "-m", "venv", "--clear", str(home))
    _run(
        str(home / "bin" / "python"),
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
        "-r",
        str(REQUIREMENTS),
    )
    (site,) = home.glob("lib/python*/site-packages")
    (site / "dms_live_here.pth").write_text(f"{home.parent}\n")  # the app itself is used as it lies here
    mark.write_text(_wanted())


def _run(*command: str) -> None:
    outcome = subprocess.run(command, check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if outcome.returncode != 0:
        sys.exit(f"{' '.join(command)} failed:\n{outcome.stdout}")


if __name__ == "__main__":
    main()
