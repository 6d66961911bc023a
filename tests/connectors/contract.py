"""The one suite that every connector must pass. A tool's test file subclasses `ConnectorContract`, sets `spec`,
and overrides the fixtures of the sections that its spec declares; skips come only from the spec."""

from __future__ import annotations

from tests.connectors.sections.base import CANARY, NOW, FakeTime
from tests.connectors.sections.bounds import Bounds
from tests.connectors.sections.faults import ALWAYS, Faults
from tests.connectors.sections.publishing import PublishingSection
from tests.connectors.sections.reading import ReadingSection
from tests.connectors.sections.ringing import Hook, RingingSection, StandardRingingSection
from tests.connectors.sections.shape import Shape
from tests.connectors.sections.telling import TellingSection

__all__ = ["ALWAYS", "CANARY", "NOW", "ConnectorContract", "FakeTime", "Hook"]


class ConnectorContract(
    Shape,
    ReadingSection,
    Faults,
    PublishingSection,
    TellingSection,
    RingingSection,
    StandardRingingSection,
    Bounds,
):
    """Behaviours by the names and numbers of the contract."""
