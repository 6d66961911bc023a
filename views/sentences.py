"""An objective as one sentence, with its key results and initiatives."""

from __future__ import annotations

from mapping.model import Kind, Objective, Role
from views.korean import with_particle
from views.language import Language


def sentence(objective: Objective, language: Language) -> str:
    """ "I will ... as measured by ... through ..."; what is cancelled is no part of it."""
    own = [one for one in objective.key_results if not one.cancelled or objective.cancelled]
    measured = [_bare(one.title) for one in own if one.role is Role.KEY_RESULT]
    through = [_bare(title) for title in objective.initiatives]
    aim = _bare(objective.title)
    committed = objective.kind is Kind.COMMITTED
    return (_korean if language.code == "ko" else _english)(aim, measured, through, committed=committed)


def _bare(title: str) -> str:
    return title.strip().rstrip(".")


# -- English ----------------------------------------------------------------------------------------------------


def _english(aim: str, measured: list[str], through: list[str], *, committed: bool) -> str:
    told = f" as measured by {_and(measured)}" if measured else ""
    told += f" through {_and(through)}" if through else ""
    return f"{'I will' if committed else 'I want to'} {_lowered(aim)}{told}."


def _and(texts: list[str]) -> str:
    lowered = [_lowered(text) for text in texts]
    return lowered[0] if len(lowered) == 1 else f"{', '.join(lowered[:-1])} and {lowered[-1]}"


def _lowered(text: str) -> str:
    """A sentence's first word in the middle of another; names and abbreviations keep their capitals."""
    first, _, rest = text.partition(" ")
    return f"{first[:1].lower()}{first[1:]} {rest}".rstrip() if first[1:].islower() or len(first) == 1 else text


# -- Korean -----------------------------------------------------------------------------------------------------


def _korean(aim: str, measured: list[str], through: list[str], *, committed: bool) -> str:
    """As Microsoft's guide has it: 나는 [이니셔티브]을 통해 [핵심 결과]에 따라 측정한 [목표]를 달성할 것입니다."""
    told = f" {with_particle(_with(through), '을')} 통해" if through else ""
    told += f" {_with(measured)}에 따라 측정한" if measured else ""
    return f"나는{told} {with_particle(aim, '을')} {'달성할 것입니다' if committed else '달성하고 싶습니다'}."


def _with(texts: list[str]) -> str:
    """Two are joined by the particle, more by commas: A와 B; A, B, C."""
    return f"{with_particle(texts[0], '과')} {texts[1]}" if len(texts) == 2 else ", ".join(texts)
