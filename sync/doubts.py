"""What stood in doubt when okrsync was upgraded stays so."""

from __future__ import annotations

from config.load import Binding
from mapping.assess import Assessment, CheckIn, Held, NewCheckIn, Unchanged
from mapping.recipes import RECIPE, older_names
from mapping.records import Candidate


def upheld(assessment: Assessment, doubted: Candidate | None, last: CheckIn | None, binding: Binding) -> Assessment:
    """The name of a meaning tells nothing beside that of an older recipe, and so a value looks sound that was held for
    its meaning. It stays held, or rejected, unless the older recipe knows today's meaning for that of the last value:
    then it was held for its name alone."""
    if doubted is None or last is None or not isinstance(assessment, NewCheckIn | Unchanged):
        return assessment
    held = doubted.check_in
    if held.recipe >= RECIPE or last.recipe >= RECIPE or held.definition == last.definition:
        return assessment
    if last.definition in older_names(binding.key_result, binding.units, binding.questions):
        return assessment
    same = assessment.check_in.value == held.value
    if doubted.state == "rejected" and same:
        return Unchanged(check_in=last)
    return Held(check_in=held if same else assessment.check_in, reason=doubted.reason or "")
