"""What can go wrong, one class for each cause that the user can act on.

::

    SimError
    ├── ScenarioError     a scenario file, a key in it or the value of a key is not valid
    ├── DataError         a data file of the package is missing, damaged or contradicts itself
    ├── RunError          a run cannot go on, for example because of its output folder
    └── ExtensionError    an agent class written by the user misbehaves
"""

_LONGEST_VALUE = 80


class SimError(Exception):
    """Base of every error that the simulation raises on purpose."""


class ScenarioError(SimError):
    """A scenario file, a key in it or the value of a key is not valid.

    The message is one line, made from the attributes that were given.

    Parameters
    ----------
    where : str
        The file, or the place that stands for one, such as a command-line option.
    key : str
        The key as a dotted path, for example ``village.households``; empty if no key is meant.
    given : object
        The value found at the key; None if the key itself is wrong or missing.
    allowed : str
        What would be accepted, in words.
    nearest : str
        The valid name most like the one given; empty if there is none.
    """

    def __init__(
        self, where: str, key: str = "", given: object = None, allowed: str = "", nearest: str = ""
    ) -> None:
        # All of them go to `args`, so that the error survives the way back from a worker process.
        super().__init__(where, key, given, allowed, nearest)
        self.where = where
        self.key = key
        self.given = given
        self.allowed = allowed
        self.nearest = nearest

    def __str__(self) -> str:
        """Put the attributes into one line."""
        subject = self.key
        if self.given is not None:
            value = _shortened(repr(self.given))
            subject = f"{self.key} = {value}" if self.key else value
        message = f"{self.where}: {subject}" if subject else self.where
        if self.allowed:
            message += f"; allowed: {self.allowed}"
        if self.nearest:
            message += f"; did you mean {self.nearest!r}?"
        return " ".join(message.splitlines())


class DataError(SimError):
    """A data file of the package is missing, damaged or contradicts itself."""


class RunError(SimError):
    """A run cannot go on, for example because its output folder cannot be written."""


class ExtensionError(SimError):
    """An agent class written by the user misbehaves.

    For example, a decision that it overrides returns something of the wrong type.
    """


def _shortened(text: str) -> str:
    return text if len(text) <= _LONGEST_VALUE else f"{text[: _LONGEST_VALUE - 1]}…"
