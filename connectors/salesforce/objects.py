"""Which objects a SOQL reads: what stands after its FROMs, also inside a semi-join, and behind its relationships.
Errs on the side of "any". Pure.

Source: SOQL and SOSL Reference, "Relationship Queries"; standard fields of standard objects.
"""

from __future__ import annotations

from connectors.salesforce.soql import CLAUSES
from connectors.salesforce.tokens import Token, path_at, scan

Objects = frozenset[str] | None
"""API names in lower case; None where it may be any object."""

ANY = "*"
_RELATED = {
    "account": {"account"}, "campaign": {"campaign"}, "case": {"case"}, "contact": {"contact"},
    "contract": {"contract"},
    "lead": {"lead"}, "opportunity": {"opportunity"}, "order": {"order"}, "product2": {"product2"},
    "pricebook2": {"pricebook2"}, "pricebookentry": {"pricebookentry"}, "quote": {"quote"}, "asset": {"asset"},
    "recordtype": {"recordtype"}, "user": {"user"}, "profile": {"profile"}, "userrole": {"userrole"},
    "createdby": {"user"}, "lastmodifiedby": {"user"}, "manager": {"user"}, "owner": {"user", "group"},
    "convertedaccount": {"account"}, "convertedcontact": {"contact"}, "convertedopportunity": {"opportunity"},
}  # fmt: skip
"""Relationships of standard objects that have one meaning wherever they stand. A custom one may lead anywhere."""


def objects_of(soql: str) -> Objects:
    tokens = scan(soql)
    if tokens is None or any(token.lower == "typeof" for token in tokens):
        return None
    found: set[str] = set()
    names: set[str] = set()  # objects and their aliases, which may stand before a field and are no relationship
    paths: list[list[str]] = []
    at = 0
    while at < len(tokens):
        if tokens[at].kind != "word":
            at += 1
            continue
        if tokens[at].lower == "from" and at + 1 < len(tokens):
            at = _from(tokens, at + 1, found, names)
            continue
        path, at = path_at(tokens, at)
        paths.append(path.lower().split("."))
    related = _related(paths, names)
    return None if related is None or not found or ANY in found else frozenset(found | related)


def _from(tokens: tuple[Token, ...], at: int, found: set[str], names: set[str]) -> int:
    """Objects after a FROM, each perhaps with an alias: `Opportunity o, o.Account a` names a relationship, too."""
    while at < len(tokens) and tokens[at].kind == "word":
        path, at = path_at(tokens, at)
        first, *rest = path.lower().split(".")
        if rest:
            found |= _RELATED.get(rest[-1], {ANY})
        else:
            found.add(first)
        names.add(path.lower().split(".")[-1])
        if at < len(tokens) and tokens[at].kind == "word" and tokens[at].lower not in CLAUSES:
            names.add(tokens[at].lower)
            at += 1
        if at >= len(tokens) or tokens[at].text != ",":
            break
        at += 1
    return at


def _related(paths: list[list[str]], names: set[str]) -> Objects:
    found: set[str] = set()
    for path in paths:
        steps = path[1:-1] if path[0] in names else path[:-1]
        for step in steps:
            if step not in _RELATED:
                return None
            found |= _RELATED[step]
    return frozenset(found)
