"""The token of callers that can't sign, in a header or at the end of the address."""

from __future__ import annotations

from pydantic import Field, SecretStr

from connectors.base import Call, Forged, Options
from connectors.signatures import is_one_of

HEADER = "x-okrsync-token"


class TokenOptions(Options):
    hook_token: SecretStr | None = Field(
        default=None,
        min_length=16,
        description="The token that callers send in the header X-Okrsync-Token if they can't sign.",
    )
    hook_token_before: SecretStr | None = Field(
        default=None,
        min_length=16,
        description="The previous token, which stays valid. Remove it when every caller has the new one.",
    )

    def hook_tokens(self) -> tuple[str, ...]:
        """Those that are valid now."""
        given = (self.hook_token, self.hook_token_before)
        return tuple(token.get_secret_value() for token in given if token is not None)


def check_token(call: Call, options: TokenOptions) -> None:
    """Raises Forged unless the header holds one that is valid."""
    tokens = options.hook_tokens()
    if not is_one_of(call.headers.get(HEADER, ""), tokens):
        raise Forged("X-Okrsync-Token is wrong" if tokens else "the connection has no hook_token")
