"""The form of an OKR file, as pydantic models. What the names in it mean is found out in `config.resolve`."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from mapping.model import Kind, Level

Id = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]*$", max_length=100)]
Text = Annotated[str, Field(min_length=1)]
Scalar = str | int | Decimal


class Form(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)


class CycleForm(Form):
    """A custom cycle; both days belong to it."""

    name: Text
    start: str
    end: str


class KeyResultForm(Form):
    """A key result or KPI: from `start` to `target`, or `stay_above` or `stay_below` a threshold."""

    id: Id
    title: Text
    start: Scalar | None = Field(default=None, description="Where it began: 12000000, 80%, 2m37s, $12M.")
    target: Scalar | None = Field(default=None, description="Where it is to go.")
    stay_above: Scalar | None = Field(default=None, description="The value must stay above this; equality is missed.")
    stay_below: Scalar | None = Field(default=None, description="The value must stay below this; equality is missed.")
    risk: Scalar | None = Field(default=None, description="Between threshold and risk it is behind, not at risk.")
    unit: str | None = Field(default=None, description="What bare numbers mean: USD, %, ratio, hours, ...")
    value: Any = Field(description="A formula over metrics, or a query: {jira: {count: ...}}.")
    owner: str | None = None
    weight: Decimal = Field(default=Decimal(1), gt=0, description="Its share in the objective's progress.")


class InitiativeForm(Form):
    """Work meant to move the key results. With a `value` (a share done, 0 to 100%) it is kept current too."""

    id: Id | None = None
    title: Text
    value: Any = None
    owner: str | None = None


class ObjectiveForm(Form):
    id: Id
    title: Text
    level: Level = Level.TEAM
    kind: Kind = Kind.COMMITTED
    owner: str | None = None
    parent: str | None = Field(default=None, description="The id of the objective that this one serves.")
    cycle: str | CycleForm | None = Field(default=None, description="Where it differs from the file's.")
    key_results: list[KeyResultForm] = Field(default_factory=list)
    initiatives: list[InitiativeForm] = Field(default_factory=list)


class OkrFile(Form):
    """One file of OKRs. `metrics` are named values that formulas of every file may use."""

    cycle: str | CycleForm
    metrics: dict[Id, dict[str, Any]] = Field(default_factory=dict)
    objectives: list[ObjectiveForm] = Field(default_factory=list)
    kpis: list[KeyResultForm] = Field(default_factory=list)
