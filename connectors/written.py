"""What an operator writes, as each connector reads it."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Annotated, Any, Union

from pydantic import BaseModel, ConfigDict, Discriminator, Tag, model_validator

from connectors.truths import numbers_are_numbers

_UNWRITABLE = re.compile("[\x00\ud800-\udfff]")


class Written(BaseModel):
    """Frozen, without unknown keys, and of texts that can be stored and sent."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    @model_validator(mode="before")
    @classmethod
    def _whole_characters(cls, given: Any) -> Any:
        refuse_unwritable(given)
        return numbers_are_numbers(cls, given)


def refuse_unwritable(given: Any) -> None:
    """Raises ValueError for NUL and half characters anywhere in it."""
    if isinstance(given, str):
        if not given.isascii() or "\0" in given:
            found = _UNWRITABLE.search(given)
            if found:
                raise ValueError(
                    f"a text contains {'NUL' if found[0] == chr(0) else 'half a character'}: write it again"
                )
    elif isinstance(given, dict):
        for name, part in given.items():
            refuse_unwritable(name)
            refuse_unwritable(part)
    elif isinstance(given, list | tuple):
        for part in given:
            refuse_unwritable(part)


def forms_by_key(forms: Collection[type[Written]], what: str, *, text: type[Written] | None = None) -> Any:
    """The union of several forms, told apart by the name of each form's first field."""
    by_key = {next(iter(form.model_fields)): form for form in forms}

    def tag(value: Any) -> str | None:
        if isinstance(value, str) and text is not None:
            return next(key for key, form in by_key.items() if form is text)
        if isinstance(value, Written):
            return next((key for key, form in by_key.items() if type(value) is form), None)
        if isinstance(value, dict):
            return next((key for key in by_key if key in value), None)
        return None

    tagged = tuple(Annotated[form, Tag(key)] for key, form in by_key.items())
    return Annotated[
        Union[tagged],  # noqa: UP007 - built from a tuple
        Discriminator(
            tag,
            custom_error_type="query_form",
            custom_error_message=f"{what} has one of the keys {', '.join(by_key)}",
            custom_error_context={"forms": ", ".join(by_key)},
        ),
    ]
