"""Declaration and lifecycle: 1 to 9."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from pydantic import SecretStr, TypeAdapter, ValidationError

from connectors import registry
from connectors.base import Reader
from sandbox.server import Server
from tests.connectors.sections.base import CANARY, Section


class Shape(Section):
    # -- declaration ----------------------------------------------------------------------------------------

    def test_01_name_is_folder_and_registry_key(self) -> None:
        assert registry.spec(self.spec.name) is self.spec
        assert self.spec.load().spec is self.spec
        assert self.spec.load().__module__.split(".")[:2] == ["connectors", self.spec.name]

    def test_03_unknown_option_is_refused_by_name(self, options: dict[str, Any]) -> None:
        with pytest.raises(ValidationError, match="no_such_option"):
            self.spec.options.model_validate({**options, "no_such_option": 1})

    def test_03_unknown_query_key_is_refused_by_name(self, good: tuple[Any, Decimal]) -> None:
        form = good[0] if isinstance(good[0], dict) else self.query(good[0]).model_dump()
        with pytest.raises(ValidationError, match="no_such_key"):
            TypeAdapter(self.spec.queries).validate_python({**form, "no_such_key": 1})

    def test_04_secrets_are_hidden(self, options: dict[str, Any], connection: Reader[Any]) -> None:
        made = self.spec.options.model_validate(options)

        assert CANARY not in repr(made) + str(made) + str(made.model_dump()) + made.model_dump_json()
        assert CANARY not in repr(connection) + str(connection)
        if self.spec.remote:
            assert any(isinstance(value, SecretStr) for value in dict(made).values())

    # -- lifecycle ------------------------------------------------------------------------------------------

    def test_07_opening_does_no_io(self, connection: Reader[Any], fake: Server | None) -> None:
        assert connection.name == "under-test"
        assert fake is None or fake.calls == []

    def test_08_closing_twice(self, connection: Reader[Any], good: tuple[Any, Decimal]) -> None:
        list(connection.read([self.query(good[0])]))

        connection.close()
        connection.close()

    def test_09_interrupted_read_leaves_it_closable(
        self, connection: Reader[Any], batch: tuple[list[Any], int]
    ) -> None:
        reading = connection.read([self.query(form) for form in batch[0]])
        next(iter(reading))
        if hasattr(reading, "close"):
            reading.close()

        connection.close()
