"""Refusals in Salesforce's words: `[{"message", "errorCode"}]`."""

from __future__ import annotations

from typing import Any


class Refused(Exception):
    def __init__(self, code: str, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.code = code
        self.status = status

    @property
    def body(self) -> list[dict[str, Any]]:
        return [{"message": str(self), "errorCode": self.code}]


def malformed(message: str) -> Refused:
    return Refused("MALFORMED_QUERY", message)


def no_such_field(soql: str, field: str, entity: str) -> Refused:
    at = soql.find(field)
    around = f"\n{soql[max(0, at - 20) : at + 40]}\n{' ' * min(20, max(0, at))}^\n" if at >= 0 else "\n"
    return Refused(
        "INVALID_FIELD",
        f"{around}ERROR at Row:1:Column:{at + 1}\nNo such column '{field}' on entity '{entity}'. If you are attempting "
        "to use a custom field, be sure to append the '__c' after the custom field name. Please reference your WSDL or "
        "the describe call for the appropriate names.",
    )


def no_such_object(name: str) -> Refused:
    return Refused("INVALID_TYPE", f"sObject type '{name}' is not supported.")
