"""A risk as the document that is kept and told: codes with parameters, and no text."""

from collections.abc import Iterable, Mapping
from typing import Any

import rfc8785

from compliance.risk.codes import RiskLevel
from compliance.risk.formula import Assessment
from compliance.risk.told import Told
from compliance.risk.upstream import Upstream


def document_of(assessment: Assessment) -> bytes:
    """Return the document in RFC 8785's form: the same risk is the same bytes."""
    return rfc8785.dumps(told(assessment))


def told(assessment: Assessment) -> dict[str, Any]:
    """Return the document as JSON values."""
    return {
        "level": assessment.level.value,
        "decided_by": _coded(assessment.decided_by),
        "score": assessment.score,
        "confidence": assessment.confidence,
        "confidence_word": assessment.confidence_word.value,
        "parts": {
            code.value: {
                "score": part.score,
                "reasons": [
                    {"code": one.code.value, "params": one.params}
                    for one in part.reasons
                ],
            }
            for code, part in assessment.parts.items()
        },
        "confidence_factors": [
            {
                "code": one.code.value,
                "share": one.share,
                "weight": one.weight,
                "params": one.params,
            }
            for one in assessment.factors
        ],
        "gaps": [_coded(one) for one in assessment.gaps],
        "upstream": _upstream(assessment.upstream),
        "policy_from": assessment.policy_from.isoformat(),
        "computed_on": assessment.computed_on.isoformat(),
    }


def codes_in(document: Mapping[str, Any]) -> frozenset[str]:
    """Return the codes of a document's reasons and gaps: what a change is told by."""
    return frozenset(_codes(document))


def _codes(document: Mapping[str, Any]) -> Iterable[str]:
    for name, part in document["parts"].items():
        for one in part["reasons"]:
            yield f"{name}.{one['code']}"
    for gap in document["gaps"]:
        yield f"gap.{gap['code']}"


def _coded(one: Told[Any]) -> dict[str, Any]:
    return {"code": one.code.value, "params": one.params}


def _upstream(upstream: Upstream | None) -> dict[str, Any] | None:
    if upstream is None:
        return None
    shares = upstream.by_level
    return {
        "known_volume_share": 100 - shares[RiskLevel.UNKNOWN],
        "unknown_volume_share": shares[RiskLevel.UNKNOWN],
        "by_level": {level.value: shares[level] for level in RiskLevel},
    }
