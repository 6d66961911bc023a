"""Who may call the API. A token is known to nobody but its owner: the store keeps its hash."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import Engine, insert, select, update

from sync.store.tables import tokens
from sync.store.writing import for_writing

Scope = Literal["sync"]
SCOPES: tuple[Scope, ...] = ("sync",)
PREFIX = "okr_"
"""By which people and scanners of repositories know what they found."""


@dataclass(frozen=True, kw_only=True)
class Token:
    """`id` is its public name."""

    id: str
    name: str
    scope: str
    at: datetime
    by: str
    expires_at: datetime | None
    revoked_at: datetime | None

    def is_valid(self, now: datetime) -> bool:
        return self.revoked_at is None and (self.expires_at is None or now < self.expires_at)


class Tokens:
    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def create(
        self, *, name: str, scope: Scope, by: str, at: datetime, expires_at: datetime | None
    ) -> tuple[Token, str]:
        """The token itself is told this once."""
        secret = f"{PREFIX}{secrets.token_urlsafe(32)}"
        made = Token(
            id=secrets.token_hex(4), name=name, scope=scope, at=at, by=by, expires_at=expires_at, revoked_at=None
        )
        with for_writing(self._engine).begin() as connection:
            connection.execute(insert(tokens).values(**vars(made), hash=_hash(secret)))
        return made, secret

    def all(self) -> list[Token]:
        """Oldest first."""
        with self._engine.connect() as connection:
            rows = connection.execute(select(tokens).order_by(tokens.c.at, tokens.c.id)).mappings()
            return [_token(dict(row)) for row in rows]

    def revoke(self, ident: str, at: datetime) -> bool:
        """Whether there was one of that id to revoke."""
        mine = (tokens.c.id == ident) & (tokens.c.revoked_at.is_(None))
        with for_writing(self._engine).begin() as connection:
            return connection.execute(update(tokens).where(mine).values(revoked_at=at)).rowcount > 0

    def find(self, secret: str, scope: Scope, now: datetime) -> Token | None:
        """The one that a caller shows, if it is valid. It is looked up by its hash: the time tells nothing of it."""
        with self._engine.connect() as connection:
            row = connection.execute(select(tokens).where(tokens.c.hash == _hash(secret))).mappings().first()
        found = None if row is None else _token(dict(row))
        return found if found is not None and found.scope == scope and found.is_valid(now) else None


def _hash(secret: str) -> str:
    """256 random bits need no salt and no slow hash."""
    return hashlib.sha256(secret.encode(errors="replace")).hexdigest()


def _token(row: dict[str, object]) -> Token:
    return Token(**{name: row[name] for name in Token.__dataclass_fields__})  # type: ignore[arg-type]
