"""Finding scenario and policy files, and reading them."""

import re
import tomllib
from pathlib import Path
from typing import Any, Final

from sim.errors import ScenarioError
from sim.scenario.fields import listed, nearest

POLICY_FOLDER: Final = "policies"
_SUFFIX: Final = ".toml"


def scenario_folders() -> list[Path]:
    """Return the folders in which bare names are looked up, the first one first.

    These are ``scenarios`` in the working directory, beside the package in a clone of the
    repository, and inside the package where it was installed.
    """
    package = Path(__file__).resolve().parents[1]
    roots = (Path.cwd(), package.parent, package)
    folders = dict.fromkeys((root / "scenarios").resolve() for root in roots)
    return [folder for folder in folders if folder.is_dir()]


def files_by_name(subfolder: str = "") -> dict[str, Path]:
    """Return the files that can be called by a bare name, in alphabetical order."""
    found: dict[str, Path] = {}
    for folder in scenario_folders():
        for path in (folder / subfolder).glob(f"*{_SUFFIX}"):
            found.setdefault(path.stem, path)
    return dict(sorted(found.items()))


def find_file(name: str | Path, subfolder: str = "", beside: Path | None = None) -> Path:
    """Find a file by its path, or by its bare name in the folders of scenarios.

    Parameters
    ----------
    name : str or Path
        What is looked for. It is a path if it is a `Path`, ends in ``.toml`` or has a separator.
    subfolder : str
        Folder inside the folders of scenarios in which bare names are looked up.
    beside : Path, optional
        Folder that relative paths start from, and in which bare names are looked up first;
        the working directory if not given.

    Raises
    ------
    ScenarioError
        If there is no such file.
    """
    text = str(name)
    start = beside or Path()
    if isinstance(name, Path) or text.endswith(_SUFFIX) or "/" in text or "\\" in text:
        return _existing(start / text)
    known = files_by_name(subfolder)
    if beside is not None and (beside / f"{text}{_SUFFIX}").is_file():
        return beside / f"{text}{_SUFFIX}"
    if text not in known:
        what = "policy" if subfolder else "scenario"
        allowed = f"the path of a {_SUFFIX} file, or the name of a {what}: {listed(known)}"
        like = nearest(text, known)
        if not subfolder and text in files_by_name(POLICY_FOLDER):
            what, like = "scenario but a policy, to be added by --policy", ""
        raise ScenarioError(text or "(no name)", f"no such {what}", None, allowed, like)
    return known[text]


def read_file(path: Path) -> dict[str, Any]:
    """Read a TOML file that is not empty.

    Raises
    ------
    ScenarioError
        If the file cannot be read, is not valid TOML or says nothing.
    """
    where = shown(path)
    try:
        text = path.read_bytes().decode("utf-8-sig")
        data = tomllib.loads(text)
    except OSError as error:
        raise ScenarioError(where, given=error.strerror, allowed="a readable file") from error
    except UnicodeDecodeError as error:
        raise ScenarioError(where, allowed="a text file in UTF-8, which this is not") from error
    except tomllib.TOMLDecodeError as error:
        line = _line_of(error, text)
        raise ScenarioError(where, f"line {line}", None, f"valid TOML; {error}") from error
    if not data:
        raise ScenarioError(where, allowed="a scenario or policies; the file is empty")
    return data


def shown(path: Path) -> str:
    """Path as it is named in messages: short where it lies below the working directory."""
    path = path.resolve()
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else str(path)


def _line_of(error: tomllib.TOMLDecodeError, text: str) -> int:
    """Line of a syntax error; before Python 3.14 only the message tells it."""
    match = re.search(r"at line (\d+)", str(error))
    return int(match[1]) if match else text.count("\n") + 1


def _existing(path: Path) -> Path:
    if path.is_dir():
        raise ScenarioError(str(path), "this is a folder", allowed="a TOML file")
    if not path.is_file():
        neighbours = [p.name for p in path.parent.glob(f"*{_SUFFIX}")]
        like = nearest(path.name, neighbours)
        raise ScenarioError(str(path), "no such file", None, f"an existing {_SUFFIX} file", like)
    return path
