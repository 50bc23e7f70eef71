"""The households of a model as agents, made village by village when someone asks for them."""

from collections.abc import Iterable
from typing import Any

from sim.agents.decisions import PythonDecisions, overridden
from sim.agents.household import Household
from sim.agents.kinds import Farmer, Manufacturer, StoreOperator
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
        self._of_village: dict[int, list[Household]] = {}
        self._decisions: PythonDecisions | None = None

    @property
    def agents(self) -> list[Household]:
        """Every household; rooms for incomers included."""
        villages = range(self._model.simulation.state.villages.size)
        return [agent for village in villages for agent in self.of_village(village)]

    def of_village(self, village: int) -> list[Household]:
        """Return the households of a village, made when they are first asked for."""
        if village not in self._of_village:
            row = self._model.simulation.state.villages[village]
            members = [
                (kind, number)
                for kind, count in enumerate(row["kind_count"].tolist())
                for number in range(count)
            ]
            first = int(row["first_household"])
            self._of_village[village] = [
                self._classes[kind](self._model, first + place, village, kind, number)
                for place, (kind, number) in enumerate(members)
            ]
        return self._of_village[village]

    def convert(self, agents: Iterable[Household], cls: type[Household]) -> list[Household]:
        """Put agents of another class in the places of some; see `CommerceModel.convert`."""
        chosen = list(dict.fromkeys(agents))
        for agent in chosen:
            if agent is not self._at(agent):
                raise ExtensionError(f"{agent!r} is not a household of this model now")
            if not issubclass(cls, type(agent)):
                raise ExtensionError(
                    f"{agent!r} cannot become {cls.__name__}: a subclass of "
                    f"{type(agent).__name__} is needed"
                )
        for old in chosen:
            old.remove()
            of_village = self._of_village[old.village_number]
            of_village[self._place(old)] = cls(
                self._model, old.row, old.village_number, old.kind, old.number
            )
        self._decisions = None
        return [self._of_village[old.village_number][self._place(old)] for old in chosen]

    def _place(self, agent: Household) -> int:
        first = self._model.simulation.state.villages["first_household"][agent.village_number]
        return agent.row - int(first)

    def _at(self, agent: Household) -> Household | None:
        """Return who stands in an agent's place now; None where nobody was made yet."""
        of_village = self._of_village.get(getattr(agent, "village_number", -1), [])
        place = self._place(agent) if of_village else -1
        return of_village[place] if 0 <= place < len(of_village) else None

    def decisions(self) -> PythonDecisions | None:
        """Return what asks households on the first of a month; None if no one is to be asked."""
        asks_all = self._decide_in_python or any(map(overridden, self._classes))
        if not self._of_village and not asks_all:
            return None
        if self._decisions is None:
            # Where only converted households decide in Python, they have been made already.
            made = (self._of_village[village] for village in sorted(self._of_village))
            agents = self.agents if asks_all else [agent for each in made for agent in each]
            agents = agents[::-1] if self._asks_backwards else agents
            self._decisions = PythonDecisions(agents, self._decide_in_python)
        return self._decisions or None
