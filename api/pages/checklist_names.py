"""What a checklist is called on a page: a title of the product's own holds two languages.

A form that travels to a phone has one title, so the library writes it as "español ·
English". A page is in one language. Anybody else's title is told as it was written.
"""

from collections.abc import Mapping

OURS = (
    "Auditoría de la planta · Mill audit",
    "Autoevaluación de la finca · Producer self-assessment",
    "Autoevaluación de la planta · Mill self-assessment",
    "Entrevista a una persona trabajadora · Worker interview",
    "Perfil de la comunidad · Community profile",
    "Visita a la finca · Farm visit",
    "Visita al hogar · Household visit",
)
NAMES: Mapping[str, Mapping[str, str]] = {
    title: dict(zip(("es", "en"), title.split(" · "), strict=True)) for title in OURS
}


def checklist_name(title: str, language: str) -> str:
    """Return a title of the product in one language; any other as it is."""
    return NAMES.get(title, {}).get(language, title)
