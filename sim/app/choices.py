"""What has been chosen on the page: a scenario, and what differs in the second world."""

from dataclasses import dataclass, field
from datetime import date
from typing import Final

from sim.errors import ScenarioError
from sim.scenario import Scenario, list_policies, with_changes, with_policies
from sim.scenario.changes import Value
from sim.scenario.fields import listed, nearest
from sim.scenario.merging import key_path, override_layer, split_change, value_from_text

SHARED: Final = ("seed", "start", "end")
"""Keys that both worlds have in common: they are compared day by day, with the same luck."""

_FILES: Final = "region"
"""The table whose keys may name files of the server's computer."""


@dataclass
class Choices:
    """Changes of a scenario, each checked as the shell checks it.

    Attributes
    ----------
    file : Scenario
        The scenario as it was loaded.
    changes : dict
        Values by key that differ from the file; those of `SHARED` in both worlds, all others in
        the variant.
    added : list of str
        Policy files that the variant has besides.
    errors : dict
        Messages by key, of values that were refused.
    refused : dict
        These values as they were typed.
    """

    file: Scenario
    changes: dict[str, Value] = field(default_factory=dict)
    added: list[str] = field(default_factory=list)
    errors: dict[str, str] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)

    @property
    def baseline(self) -> Scenario:
        """The scenario of the first world."""
        return _changed(self.file, self._part(is_shared=True))

    @property
    def variant(self) -> Scenario:
        """The scenario of the second world."""
        return self._variant_of(self.changes, self.added)

    def set(self, key: str, given: Value) -> bool:
        """Change a value, or note at its key why it is refused.

        Parameters
        ----------
        key : str
            Key as ``--set`` takes it; a policy or a service is a switch.
        given : bool, float, date or str
            The value; a text is read as the shell reads it. An empty text is the file's value.

        Returns
        -------
        bool
            Whether the worlds have changed.
        """
        before = dict(self.changes)
        try:
            self._set(key, given)
        except ScenarioError as error:
            self.errors[key] = str(error)
            self.refused[key] = _written(given)
            return False
        self.errors.pop(key, None)
        self.refused.pop(key, None)
        return self.changes != before

    def _set(self, key: str, given: Value) -> None:
        if key_path(key)[0] == _FILES:
            allowed = "a key outside of region on the page, which opens no files"
            raise ScenarioError(f"override {key}={_written(given)}", key, None, allowed)
        rest = {name: value for name, value in self.changes.items() if name != key}
        if given == "":
            self._variant_of(rest, self.added)
            self.changes = rest
            return
        value = value_of(key, given) if isinstance(given, str) else given
        changes = rest | {key: value}
        self._variant_of(changes, self.added)
        self.changes = rest if self._says_the_same(key, value) else changes

    def _says_the_same(self, key: str, value: Value) -> bool:
        """Whether a value is the file's own; others may have to change before it can be valid."""
        try:
            return self._variant_of({key: value}, self.added) == self._variant_of({}, self.added)
        except ScenarioError:
            return False

    def add_policy(self, name: str) -> bool:
        """Add a policy file to the variant, or note why it cannot be; return whether it was."""
        if name in self.added:
            return False
        known = dict(list_policies())
        try:
            if name not in known:  # a visitor names no files
                raise ScenarioError(
                    name, allowed=f"one of villagesim list: {listed(known)}",
                    nearest=nearest(name, known),
                )  # fmt: skip
            self._variant_of(self.changes, [*self.added, name])
        except ScenarioError as error:
            self.errors["policies"] = str(error)
            return False
        self.errors.pop("policies", None)
        self.added.append(name)
        return True

    def reset(self) -> bool:
        """Take back every change; return whether there was one."""
        was_changed = bool(self.changes or self.added)
        self.changes, self.added, self.errors, self.refused = {}, [], {}, {}
        return was_changed

    def _part(self, *, is_shared: bool) -> dict[str, Value]:
        return {key: v for key, v in self.changes.items() if (key in SHARED) == is_shared}

    def _variant_of(self, changes: dict[str, Value], added: list[str]) -> Scenario:
        base = with_policies(self.file, added) if added else self.file
        return _changed(base, changes)


def _changed(scenario: Scenario, changes: dict[str, Value]) -> Scenario:
    # A policy that is left out comes last: its other keys may have been changed before.
    in_order = dict(sorted(changes.items(), key=lambda item: item[1] is False))
    return with_changes(scenario, in_order) if changes else scenario


def value_of(key: str, text: str) -> Value:
    """Read a value that was typed, as the shell reads it behind ``--set``.

    Raises
    ------
    ScenarioError
        If the text is no value.
    """
    change = f"{key}={text}"
    try:
        return value_from_text(split_change(change, change)[1])  # type: ignore[return-value]
    except ScenarioError:
        override_layer(change)  # refuses it in the shell's words
        raise


def _written(value: Value) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return value.isoformat() if isinstance(value, date) else str(value)
