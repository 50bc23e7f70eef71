"""The households of a model as agents, made when someone first asks for them."""

from collections.abc import Iterable
from typing import Any

from sim.agents.decisions import PythonDecisions, overridden
from sim.agents.household import Household
from sim.agents.kinds import Farmer, Manufacturer, StoreOperator
from sim.engine.recorder import places_of_households
from sim.errors import ExtensionError


class Residents:
    """All households of a model, in the order of their rows.

    Parameters
    ----------
    model : CommerceModel
        Their model.
    classes : dict
        Class of each kind, by the name of the kind: ``farmer``, ``manufacturer`` and
        ``store_operator``.
    decide_in_python : bool
        Ask every household for every decision.
    asks_backwards : bool
        Ask households in reverse order.

    Raises
    ------
    ExtensionError
        If a class is not a subclass of the one it stands for.
    """

    def __init__(
        self,
        model: Any,
        classes: dict[str, type[Household]],
        *,
        decide_in_python: bool,
        asks_backwards: bool = False,
    ) -> None:
        bases = {"farmer": Farmer, "manufacturer": Manufacturer, "store_operator": StoreOperator}
        for kind, base in bases.items():
            given: object = classes[kind]
            if not (isinstance(given, type) and issubclass(given, base)):
                raise ExtensionError(f"{kind} = {given!r}: a subclass of {base.__name__} is needed")
        self._model = model
        # Operators and incomers are of one class.
        self._classes = [*(classes[kind] for kind in bases), classes["store_operator"]]
        self._decide_in_python = decide_in_python
        self._asks_backwards = asks_backwards
        self._agents: list[Household] | None = None
        self._decisions: PythonDecisions | None = None

    @property
    def agents(self) -> list[Household]:
        """Every household; rooms for incomers included."""
        if self._agents is None:
            places = places_of_households(self._model.simulation.state)
            rows = zip(*(place.tolist() for place in places), strict=True)
            self._agents = [
                self._classes[kind](self._model, row, village, kind, number)
                for row, (village, kind, number) in enumerate(rows)
            ]
        return self._agents

    def convert(self, agents: Iterable[Household], cls: type[Household]) -> list[Household]:
        """Put agents of another class in the places of some; see `CommerceModel.convert`."""
        places = self.agents
        chosen, known = list(dict.fromkeys(agents)), set(places)
        for agent in chosen:
            if agent not in known:
                raise ExtensionError(f"{agent!r} is not a household of this model now")
            if not issubclass(cls, type(agent)):
                raise ExtensionError(
                    f"{agent!r} cannot become {cls.__name__}: a subclass of "
                    f"{type(agent).__name__} is needed"
                )
        for old in chosen:
            old.remove()
            places[old.row] = cls(self._model, old.row, old.village_number, old.kind, old.number)
        self._decisions = None
        return [places[old.row] for old in chosen]

    def decisions(self) -> PythonDecisions | None:
        """Return what asks households on the first of a month; None if no one is to be asked."""
        all_usual = not self._decide_in_python and not any(map(overridden, self._classes))
        if self._agents is None and all_usual:
            return None
        if self._decisions is None:
            agents = self.agents[::-1] if self._asks_backwards else self.agents
            self._decisions = PythonDecisions(agents, self._decide_in_python)
        return self._decisions or None
