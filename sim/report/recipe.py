"""How to get the same bytes again: scenario, command, seed, versions, checksums."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sim.report.page import Block, Code, Pairs, Paragraph
from sim.report.words import file_stem
from sim.scenario import Scenario, resolved_toml
from sim.words import enumerated, t


@dataclass(frozen=True)
class Recipe:
    """What it takes.

    Attributes
    ----------
    scenarios : mapping of str to Scenario
        The scenarios as resolved, by name; the file of each is that name with ``.toml``.
    hashes : mapping of str to str
        SHA-256 of each of them.
    commands : sequence of str
        What to type.
    versions : mapping of str to str
        What it was made with.
    checksums : mapping of str to str
        SHA-256 of files that come out, by name.
    files : mapping of str to str
        Further files that the commands read: their texts by name.
    more : mapping of str to str
        More that must agree.
    """

    scenarios: Mapping[str, Scenario]
    hashes: Mapping[str, str]
    commands: Sequence[str]
    versions: Mapping[str, str]
    checksums: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)
    more: Mapping[str, str] = field(default_factory=dict)


def checksums_of(folder: Path, tables: Iterable[str]) -> dict[str, str]:
    """Return the SHA-256 of tables in a folder by the names of their files."""
    found = {}
    for name in map("{}.parquet".format, tables):
        with (folder / name).open("rb") as file:
            found[name] = hashlib.file_digest(file, "sha256").hexdigest()
    return found


def has_incomes(runs: Any) -> bool:
    """Whether households were kept in runs, so that their incomes are known."""
    return bool(runs["mean_income_local_yuan"].is_not_nan().any())


def recipe_blocks(recipe: Recipe) -> list[Block]:
    """Return a recipe as text to be copied or saved."""
    names = [file_stem(name) for name in recipe.scenarios]
    intro = t(
        "Save {files} from below, have the versions below, and type the commands. Threads, "
        "workers and machines make no difference.",
        files=enumerated([*(f"{name}.toml" for name in names), *recipe.files]),
    )
    blocks: list[Block] = [Paragraph(intro), Code("\n".join(recipe.commands))]
    versions = enumerated([f"{name} {version}" for name, version in recipe.versions.items()])
    told: list[tuple[str, str]] = [(t("versions"), versions)]
    told += [
        (t("SHA-256 of scenario {name}", name=name), digest)
        for name, digest in recipe.hashes.items()
    ]
    told += [*recipe.more.items()]
    told += [
        (t("SHA-256 of {name}", name=name), digest) for name, digest in recipe.checksums.items()
    ]
    blocks.append(Pairs(told))
    blocks += [
        Code(resolved_toml(scenario), f"{file_stem(name)}.toml")
        for name, scenario in recipe.scenarios.items()
    ]
    blocks += [Code(text, name) for name, text in recipe.files.items()]
    return blocks
