"""What an operator writes, as each connector reads it."""

from __future__ import annotations

import re
from typing import Any

from pydantic import BaseModel, ConfigDict, model_validator

_UNWRITABLE = re.compile("[\x00\ud800-\udfff]")


class Written(BaseModel):
    """Frozen, without unknown keys, and of texts that can be stored and sent."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    @model_validator(mode="before")
    @classmethod
    def _whole_characters(cls, given: Any) -> Any:
        refuse_unwritable(given)
        return given


def refuse_unwritable(given: Any) -> None:
    """Raises ValueError for NUL and half characters, wherever they stand."""
    if isinstance(given, str):
        if not given.isascii() or "\0" in given:
            found = _UNWRITABLE.search(given)
            if found:
                raise ValueError(f"a text holds {'NUL' if found[0] == chr(0) else 'half a character'}: write it anew")
    elif isinstance(given, dict):
        for name, part in given.items():
            refuse_unwritable(name)
            refuse_unwritable(part)
    elif isinstance(given, list | tuple):
        for part in given:
            refuse_unwritable(part)
