"""What a text of the interface says to people: the same, without addresses for programs."""

import re

ADDRESS = re.compile(r"\b(?:GET|POST|PUT|PATCH|DELETE) /|/v1/")
# "make it final at POST /v1/audits/…/finalise": the page has a button for it.
BY_ADDRESS = re.compile(
    r",?\s+(?:at|with|en|con|mediante)\s+(?:GET|POST|PUT|PATCH|DELETE) /\S*[^\s.,;:]"
)
SENTENCE = re.compile(r"(?<=[.!?])\s+")
CLAUSE = re.compile(r";\s+")


def for_people(text: str) -> str:
    """Return what a problem tells without the clauses that name an address.

    "No job of yours has the id x. GET /v1/jobs lists them." ends after its first
    sentence. A text that would have nothing left stays as it is.
    """
    sentences = SENTENCE.split(BY_ADDRESS.sub("", text))
    kept = [_before_address(one) for one in sentences]
    return " ".join(one for one in kept if one) or text


def _before_address(sentence: str) -> str:
    if ADDRESS.search(sentence) is None:
        return sentence
    said: list[str] = []
    for clause in CLAUSE.split(sentence):
        if ADDRESS.search(clause):
            break
        said.append(clause)
    return f"{'; '.join(said).rstrip('.')}." if said else ""
