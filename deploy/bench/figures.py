"""What came out: ours, the reference, their ratio, and is the target held?"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from statistics import median

import orjson
from rich.console import Console
from rich.table import Table

# Of a table that goes into a file.
_WIDTH = 150
# The load average of a machine that does nothing worth mentioning.
_IDLE = 0.3


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the table. `rounds` are (ours, reference), measured one right after the other."""

    what: str
    unit: str
    rounds: Sequence[tuple[float, float]]
    # The ratio of ours to the reference must be at least, or else at most, this; it is only told where neither is said.
    at_least: float | None = None
    at_most: float | None = None
    # Whatever else was seen, by name.
    notes: Mapping[str, float | str] = field(default_factory=dict)

    @property
    def ours(self) -> float:
        return median(ours for ours, _ in self.rounds)

    @property
    def reference(self) -> float:
        return median(reference for _, reference in self.rounds)

    @property
    def ratios(self) -> list[float]:
        return [ours / reference for ours, reference in self.rounds]

    @property
    def ratio(self) -> float:
        """The median of the rounds' ratios: what else the machine did in a round slowed both sides of it."""
        return median(self.ratios)

    @property
    def target(self) -> str:
        if self.at_least is not None:
            return f"≥ {self.at_least:g}"
        return f"≤ {self.at_most:g}" if self.at_most is not None else ""

    @property
    def is_held(self) -> bool:
        if self.at_least is not None:
            return self.ratio >= self.at_least
        return self.at_most is None or self.ratio <= self.at_most


@dataclass(frozen=True, slots=True)
class Machine:
    """What the measurements ran on, and how busy it was before they began."""

    processors: int
    load_before: float


def look_at_machine() -> Machine:
    """Look at the machine before it is measured on."""
    return Machine(os.cpu_count() or 1, os.getloadavg()[0])


def show(figures: Sequence[Figure], machine: Machine) -> None:
    """Print the table."""
    table = Table("what", "ours", "reference", "", "ratio", "of the rounds", "target", "", box=None)
    for figure in figures:
        spread = f"{min(figure.ratios):.2f}–{max(figure.ratios):.2f}"
        table.add_row(
            figure.what,
            _number(figure.ours),
            _number(figure.reference),
            figure.unit,
            f"{figure.ratio:.2f}",
            spread,
            figure.target,
            ("held" if figure.is_held else "MISSED") if figure.target else "",
        )
    console = Console(highlight=False)
    if not console.is_terminal:
        console.width = _WIDTH
    console.print(table)
    busy = "; it was busy with something else" if machine.load_before > _IDLE else ""
    console.print(f" {machine.processors} processors, load {machine.load_before:.1f} before the measurement{busy}")


def to_json(figures: Sequence[Figure], machine: Machine) -> str:
    """Write the table as JSON, and whatever else was seen."""
    lines = [
        {
            **asdict(figure),
            "ours": figure.ours,
            "reference": figure.reference,
            "ratio": figure.ratio,
            "target": figure.target,
            "is_held": figure.is_held,
        }
        for figure in figures
    ]
    told = {"machine": asdict(machine), "figures": lines}
    return orjson.dumps(told, option=orjson.OPT_INDENT_2).decode()


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:,.2f}"  # noqa: PLR2004 - three digits tell enough.
