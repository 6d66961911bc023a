"""What is wrong with a store, in words for who runs it."""

from __future__ import annotations


class StoreError(Exception):
    """The store can't be used. The text says what to do; `temporary` whether trying again may help."""

    def __init__(self, message: str, *, temporary: bool = False) -> None:
        super().__init__(message)
        self.temporary = temporary
