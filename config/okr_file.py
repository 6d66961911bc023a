"""The form of an OKR file, as pydantic models. What the names in it mean is found out in `config.resolve`."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema, model_validator

from connectors.truths import no_truth, numbers_are_numbers
from mapping.about import Rhythm
from mapping.model import Kind, Level, Rate

Id = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]*$", max_length=100)]
MetricName = Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$", max_length=100)]
Text = Annotated[str, Field(min_length=1)]
Scalar = Annotated[str | int | Decimal, BeforeValidator(no_truth, json_schema_input_type=str | int | Decimal)]


def _year(given: Any) -> Any:
    """2026 is a year, though YAML reads a number."""
    return str(given) if isinstance(given, int) and not isinstance(given, bool) else given


class Form(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)

    @model_validator(mode="before")
    @classmethod
    def _numbers(cls, given: Any) -> Any:
        return numbers_are_numbers(cls, given)


CycleName = Annotated[str, BeforeValidator(_year, json_schema_input_type=str | int)]


class CycleForm(Form):
    """A custom cycle; both days belong to it."""

    name: Text
    start: str
    end: str


class GuardsForm(Form):
    """What makes a value so doubtful that it is held for a person."""

    zero: bool | None = Field(default=None, description="The value fell to zero. On by default.")
    leap: Scalar | Literal[False] | None = Field(
        default=None,
        description="The value moved by more than this share of its range in one run, as 50%. 100% by default.",
    )
    max_age: int | Literal[False] | None = Field(
        default=None, description="The data of the source is older than this many days."
    )
    definition: bool | None = Field(default=None, description="The formula or the queries changed. On by default.")
    plausible: bool | None = Field(
        default=None,
        description="The value is the first one or was entered by hand, and the progress would be below -100% "
        "or above 1,000%. On by default.",
    )


class RangesForm(Form):
    """From which gap to the expected progress, in percentage points, a key result is behind, and at risk."""

    behind: Decimal = Field(default=Decimal(0), ge=0, le=100)
    at_risk: Decimal = Field(default=Decimal(25), ge=0, le=100)


class ExpectForm(Form):
    """What must come out; what is not written is not looked at."""

    value: Scalar | None = None
    progress: Scalar | None = Field(default=None, description="Such as 50%. `none` means no progress.")
    expected: Scalar | None = Field(default=None, description="The expected progress, such as 59.3%.")
    status: str | None = None
    score: Scalar | None = None
    hold: str | bool | None = Field(
        default=None, description="A part of the reason. true means any reason, false means none."
    )
    error: str | None = Field(default=None, description="A part of what is wrong with the value.")


class CaseForm(Form):
    """A test of a key result: with these readings, on that day, this comes out."""

    given: dict[str, Scalar | None] = Field(
        description="Numbers by the name of their metric; `value` for a query written in place. null: no value."
    )
    at: str | date = Field(description="The day of the sync: 2026-11-15.")
    last: dict[str, Scalar | None] | None = Field(
        default=None, description="What was given at the sync before this one."
    )
    expect: ExpectForm


def _one_or_several(given: Any) -> Any:
    return given if isinstance(given, list | tuple) else () if given is None else (given,)


Owners = Annotated[
    tuple[Text, ...],
    BeforeValidator(_one_or_several),
    WithJsonSchema(
        {"anyOf": [{"type": "string", "minLength": 1}, {"type": "array", "items": {"type": "string", "minLength": 1}}]}
    ),
]


class LinkForm(Form):
    title: Text
    url: str = Field(pattern=r"^https?://")


class AboutForm(Form):
    """Who stands behind it, and what is said of it beside its numbers."""

    owner: Owners = Field(default=(), description="The owner, or a list of owners; the first one leads.")
    check_in_owner: Text | None = Field(default=None, description="Who checks in, if that is not the owner.")
    teams: list[Text] = Field(default_factory=list)
    tags: list[Text] = Field(default_factory=list)
    description: Text | None = None
    links: list[Annotated[str, Field(pattern=r"^https?://")] | LinkForm] = Field(
        default_factory=list, description="Addresses, or {title, url}."
    )


class KeyResultForm(AboutForm):
    """A key result or KPI: from `start` to `target`, `stay_above` or `stay_below` a threshold, `within` a band, a
    `milestone`, a `baseline`, or `percent_complete`."""

    id: Id
    title: Text
    start: Scalar | None = Field(
        default=None, description="The start value: 12000000, 80%, 2m37s, $12M. `first` means the first value recorded."
    )
    target: Any = Field(default=None, description="The target: a value, a formula over metrics, or a query.")
    within: tuple[Scalar, Scalar] | None = Field(
        default=None, description="The value must stay in this band, ends included: [95%, 105%]."
    )
    milestone: Literal[True] | None = Field(
        default=None, description="The key result is done when the value is 1 (100%) or more."
    )
    baseline: Literal[True] | None = Field(
        default=None, description="There is no target yet: the value is watched to set one."
    )
    percent_complete: Literal[True] | None = Field(default=None, description="From 0% to 100%.")
    stay_above: Scalar | None = Field(
        default=None, description="The value must stay above this. An equal value misses it."
    )
    stay_below: Scalar | None = Field(
        default=None, description="The value must stay below this. An equal value misses it."
    )
    risk: Scalar | None = Field(
        default=None, description="Between the threshold and this value, the status is behind and not at risk."
    )
    unit: str | None = Field(default=None, description="The unit of numbers without one: USD, %, ratio, hours, ...")
    value: Any = Field(description="A formula over metrics, or a query: {jira: {count: ...}}.")
    check_in: Rhythm | None = Field(default=None, description="How often a person must check in.")
    schedule: Text | None = Field(
        default=None, description="When `serve` asks its sources: 15m, 1h, 1d, or cron such as '0 7 * * 1-5'."
    )
    cancelled: Text | None = Field(
        default=None, description="Why it was dropped. It is no longer asked and no longer counts."
    )
    was: Id | None = Field(default=None, description="The former id. The history continues under the new id.")
    weight: Decimal = Field(
        default=Decimal(1),
        ge=0,
        le=1_000_000,
        decimal_places=6,
        description="Its weight in what the fixed shares leave. With 0 it does not count.",
    )
    share: Scalar | None = Field(
        default=None, description="A fixed share of the objective's progress, such as 50% or 0%."
    )
    cycle: CycleName | CycleForm | None = Field(default=None, description="Its own cycle, if it differs.")
    settle: int = Field(default=0, ge=0, le=366, description="How many days after its end values still count.")
    phases: dict[str | date, Scalar] | None = Field(
        default=None, description="The expected progress by day: {2026-10-31: 20%}."
    )
    rate: Rate | None = Field(default=None, description="The source gives one value a week, month or quarter.")
    guards: GuardsForm = GuardsForm()
    publish: Any = Field(default=None, description="Where its check-ins are published: a destination, or several.")
    tests: list[CaseForm] = Field(default_factory=list, description="Tests that `okrsync test` runs.")


class InitiativeForm(AboutForm):
    """Work meant to move the key results. With a `value` (a share done, 0 to 100%) it is kept current too."""

    id: Id | None = None
    title: Text
    value: Any = None
    cancelled: Text | None = Field(default=None, description="Why it was dropped: it is not asked any more.")
    was: Id | None = Field(default=None, description="The former id. The history continues under the new id.")


class ObjectiveForm(AboutForm):
    id: Id
    title: Text
    level: Level = Level.TEAM
    kind: Kind = Kind.COMMITTED
    cancelled: Text | None = Field(default=None, description="Why it was dropped, together with its key results.")
    parent: str | None = Field(default=None, description="The id of the parent objective.")
    weight: Decimal = Field(
        default=Decimal(1),
        ge=0,
        le=1_000_000,
        decimal_places=6,
        description="Its weight in its parent's progress. With 0 it does not count.",
    )
    share: Scalar | None = Field(default=None, description="A fixed share of its parent's progress.")
    start: Scalar | None = Field(default=None, description="The start of the objective's own number.")
    target: Scalar | None = Field(default=None, description="The target of the objective's own number.")
    unit: str | None = Field(default=None, description="The unit of numbers without one: USD, %, hours, ...")
    roll_up: Literal["mean", "sum"] = Field(
        default="mean",
        description="How its own number is made: it follows the mean progress, or it is the sum of the values.",
    )
    cycle: CycleName | CycleForm | None = Field(
        default=None, description="Its own cycle, if it differs from the file's."
    )
    publish: Any = Field(default=None, description="Where its progress is published: a destination, or several.")
    key_results: list[KeyResultForm] = Field(default_factory=list)
    initiatives: list[InitiativeForm] = Field(default_factory=list)


class OkrFile(Form):
    """One file of OKRs. `metrics` are named values that formulas of every file may use."""

    cycle: CycleName | CycleForm
    metrics: dict[MetricName, dict[str, Any]] = Field(default_factory=dict)
    objectives: list[ObjectiveForm] = Field(default_factory=list)
    kpis: list[KeyResultForm] = Field(default_factory=list)
    status: RangesForm = RangesForm()
    guards: GuardsForm = GuardsForm()
