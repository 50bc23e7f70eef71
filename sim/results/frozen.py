"""What is in the middle of a run, as plain JSON beside arrays, and back: no code is stored.

Objects are put back into fresh ones that were made in the same way, attribute by attribute. An
array of the same shape is filled in place, so that arrays which several objects share stay shared.
"""

from collections import deque
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from sim.errors import RunError

_PLAIN: Final = (bool, int, float, str, type(None))
_PACKAGE: Final = "sim."
_SEQUENCES: Final[dict[str, Callable[[list[Any]], Any]]] = {
    "list": list,
    "tuple": tuple,
    "deque": deque,
}

Tree = Any
"""Plain JSON that stands for a value."""


def freeze(value: Any, arrays: dict[str, NDArray[Any]], path: str, made_anew: Any = ()) -> Tree:
    """Return plain JSON for a value; its arrays are added to `arrays`.

    Parameters
    ----------
    value : object
        Numbers, texts, arrays, lists, tuples, deques, dicts, and objects of this package.
    arrays : dict
        Arrays by name.
    path : str
        What the value is called, for the names of its arrays.
    made_anew : collection of types
        Objects of these types, and lists of nothing but texts, are the same in every run of a
        scenario: they are not stored.

    Raises
    ------
    TypeError
        If something is of another kind.
    """

    def frozen(inner: Any, name: object) -> Tree:
        return freeze(inner, arrays, f"{path}.{name}", made_anew)

    if isinstance(value, tuple(made_anew)) or _is_text(value):
        return {"same": True}
    if isinstance(value, _PLAIN):
        return value
    if isinstance(value, np.generic):
        return {"number": value.item(), "type": value.dtype.str}
    if isinstance(value, np.ndarray):
        arrays[path] = value
        return {"array": path}
    if isinstance(value, Mapping):
        return {"pairs": [[k, frozen(v, k)] for k, v in value.items()]}
    kind = type(value)
    if isinstance(value, list | tuple | deque):
        name = kind.__name__ if kind.__name__ in _SEQUENCES else _name_of(kind)
        return {"items": [frozen(inner, n) for n, inner in enumerate(value)], "kind": name}
    if kind.__module__.startswith(_PACKAGE) and hasattr(value, "__dict__"):
        return {"object": {name: frozen(inner, name) for name, inner in vars(value).items()}}
    raise TypeError(f"{path}: cannot store {kind.__name__}")


def thaw(fresh: Any, tree: Tree, arrays: Mapping[str, NDArray[Any]]) -> Any:
    """Return the value that `freeze` was given.

    Parameters
    ----------
    fresh : object
        What stands in its place in a run that has just begun. Arrays and objects in it are filled.
    tree : object
        What `freeze` has returned.
    arrays : mapping
        Arrays by name.

    Raises
    ------
    RunError
        If it cannot be put back.
    """
    if not isinstance(tree, dict):
        return tree
    if "same" in tree:
        return fresh
    if "number" in tree:
        return np.dtype(tree["type"]).type(tree["number"])
    if "array" in tree:
        return _filled(fresh, arrays[tree["array"]])
    if "pairs" in tree:
        return _thawed_pairs(fresh, tree["pairs"], arrays)
    if "items" in tree:
        return _thawed_items(fresh, tree, arrays)
    for name, inner in tree["object"].items():
        setattr(fresh, name, thaw(getattr(fresh, name, None), inner, arrays))
    return fresh


def _is_text(value: Any) -> bool:
    if not isinstance(value, list | tuple) or not value:
        return False
    return all(isinstance(each, str) for each in value)


def _name_of(kind: type) -> str:
    if not kind.__module__.startswith(_PACKAGE):
        raise TypeError(f"cannot store {kind.__name__}")
    return f"{kind.__module__}:{kind.__qualname__}"


def _filled(fresh: Any, stored: NDArray[Any]) -> NDArray[Any]:
    is_alike = isinstance(fresh, np.ndarray) and fresh.shape == stored.shape
    if is_alike and fresh.dtype == stored.dtype and fresh.flags.writeable:
        fresh[...] = stored
        return np.asarray(fresh)
    return stored


def _thawed_pairs(fresh: Any, pairs: list[Any], arrays: Mapping[str, NDArray[Any]]) -> Any:
    found = {
        key: thaw(fresh.get(key) if isinstance(fresh, Mapping) else None, inner, arrays)
        for key, inner in pairs
    }
    if isinstance(fresh, dict):  # whatever kind of dict it is, it stays that
        fresh.clear()
        fresh.update(found)
        return fresh
    return found


def _thawed_items(fresh: Any, tree: Tree, arrays: Mapping[str, NDArray[Any]]) -> Any:
    items, kind = tree["items"], tree["kind"]
    before = list(fresh) if isinstance(fresh, list | tuple | deque) else []
    before += [None] * (len(items) - len(before))
    found = [thaw(old, inner, arrays) for old, inner in zip(before, items, strict=False)]
    if kind in _SEQUENCES:
        return _SEQUENCES[kind](found)
    module, _, name = kind.partition(":")
    made: Any = getattr(import_module(module), name, None) if module.startswith(_PACKAGE) else None
    if not hasattr(made, "_fields"):
        raise RunError(f"there is no {kind} in this version")
    return made(*found)
