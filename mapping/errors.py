"""What can be wrong with numbers and formulas. Each text says what to write instead, where that is known."""

from __future__ import annotations


class MappingError(ValueError):
    """A value can't be made of what was given."""


class UnitMismatch(MappingError):
    """Two quantities of unlike units were added, compared, or given for each other."""


class Undefined(MappingError):
    """The arithmetic has no result: a division by zero, or a number out of range."""


class FormulaError(MappingError):
    """A formula that can't be read, or names what there is not."""


class BadEvidence(MappingError):
    """What a source tells of its answer is of the wrong type, or out of range."""
