"""Keeps what a library imports, and we have no use for, out of a start: those imports take longer than all of ours."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from types import ModuleType
from typing import Any


class _Later:
    """Stands for a name of a module that is imported when somebody calls it."""

    def __init__(self, module: str, name: str) -> None:
        self._module, self._name = module, name

    def __call__(self, *given: Any, **named: Any) -> Any:
        return getattr(import_module(self._module), self._name)(*given, **named)


class _Spared(ModuleType):
    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return _Later(self.__name__, name)


@contextmanager
def later(*modules: str) -> Iterator[None]:
    """What is imported inside gets names of these modules that import them when they are called."""
    with _instead({name: _Spared(name) for name in modules}):
        yield


@contextmanager
def without(module: str) -> Iterator[None]:
    """What is imported inside goes on as if this module were not installed."""
    with _instead({module: None}):
        yield


@contextmanager
def _instead(modules: dict[str, Any]) -> Iterator[None]:
    new = {name: module for name, module in modules.items() if name not in sys.modules}
    sys.modules.update(new)
    try:
        yield
    finally:
        for name in new:
            sys.modules.pop(name, None)
