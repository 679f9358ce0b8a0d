"""The words and sentences that traces are told in, each in every language."""

from rules.answers import Cause
from rules.definitions import Grounds, Outcome, Severity
from rules.parameters import Confidence, Reading
from rules.texts import Text
from rules.traces import (
    Limit,
)
from rules.vocabulary import Roster

OUTCOME = {
    Outcome.CONFORMITY: Text("conformity", "conformidad"),
    Outcome.NON_CONFORMITY: Text("non-conformity", "no conformidad"),
    Outcome.UNDETERMINED: Text("undetermined", "no se puede determinar"),
    Outcome.NOT_APPLICABLE: Text("not applicable", "no aplica"),
}
SEVERITY = {
    Severity.ZERO_TOLERANCE: Text("zero tolerance", "tolerancia cero"),
    Severity.CRITICAL: Text("critical", "crítica"),
    Severity.MAJOR: Text("major", "mayor"),
    Severity.MINOR: Text("minor", "menor"),
}
CAUSE = {
    Cause.NOT_ASKED: Text("it was not asked", "no se preguntó"),
    Cause.NOT_ANSWERED: Text("it was not answered", "no se respondió"),
    Cause.CANNOT_TELL: Text(
        "whoever answered could not tell", "quien respondió no podía saberlo"
    ),
    Cause.DOES_NOT_APPLY: Text(
        "the question does not apply here", "la pregunta no corresponde aquí"
    ),
}
CONFIDENCE = {
    Confidence.VERIFIED: Text("read in its source", "leído en su fuente"),
    Confidence.PARTLY_VERIFIED: Text(
        "main point read in its source, a detail is not confirmed",
        "lo principal leído en su fuente, un detalle sin confirmar",
    ),
    Confidence.SECONDARY_SOURCE: Text(
        "read in a commentary only", "leído sólo en un comentario"
    ),
    Confidence.PRESS: Text("read in the press only", "leído sólo en la prensa"),
    Confidence.YEAR_ONLY: Text(
        "the year was read, not the day", "se leyó el año, no el día"
    ),
    Confidence.RATIFICATION: Text(
        "ratification confirmed, its day is not",
        "ratificación confirmada, su fecha no",
    ),
    Confidence.DISPUTED: Text("the sources differ", "las fuentes difieren"),
    Confidence.UNVERIFIED: Text(
        "not yet checked against the law", "aún sin comprobar en la ley"
    ),
}
GROUNDS = {
    Grounds.UNVERIFIED_LAW: Text(
        "This stands on a legal value that nobody has checked against the law yet: a "
        "person must check it first.",
        "Esto se apoya en un valor legal que nadie ha comprobado aún en la ley: antes "
        "debe revisarlo una persona.",
    ),
    Grounds.DISPUTED_LAW: Text(
        "This is advice: it follows only from the strictest of several readings of the "
        "law, and counts in no grade.",
        "Esto es una advertencia: sólo se sigue de la lectura más estricta de la ley, y "
        "no cuenta en ninguna calificación.",
    ),
}
LIMIT = {
    Limit.COUNTRY: Text(
        "The rule is not for sites in {country}.",
        "La regla no rige para sitios en {country}.",
    ),
    Limit.COMMODITY: Text(
        "The rule is not for this commodity.", "La regla no rige para este producto."
    ),
    Limit.SITE_KIND: Text(
        "The rule is not for this kind of site.",
        "La regla no rige para este tipo de sitio.",
    ),
    Limit.NOT_YET_IN_FORCE: Text(
        "The rule was not yet in force on {day}.",
        "La regla aún no estaba en vigor el {day}.",
    ),
    Limit.NO_LONGER_IN_FORCE: Text(
        "The rule was no longer in force on {day}.",
        "La regla ya no estaba en vigor el {day}.",
    ),
}
NOT_APPLICABLE = Text(
    "The rule does not apply, because of what was found:",
    "La regla no aplica, por lo que se encontró:",
)
PERSON = {
    Roster.CHILDREN: Text("Child {}", "Niño o niña {}"),
    Roster.WORKERS: Text("Worker {}", "Persona trabajadora {}"),
}
RELATION = {
    "<": Text("less than", "menos de"),
    "=": Text("exactly", "exactamente"),
    ">": Text("more than", "más de"),
}
EARLIER = {
    "<": Text("before", "antes de"),
    "=": Text("the same day as", "el mismo día que"),
    ">": Text("after", "después de"),
}
UNKNOWN = Text("not known ({})", "no se sabe ({})")
NO_LAW = Text(
    "{title}: no value is known for {country} on {day}",
    "{title}: no se conoce ningún valor para {country} el {day}",
)
LAW = Text(
    "{title}, {country}: {cites}; {since}; {confidence}",
    "{title}, {country}: {cites}; {since}; {confidence}",
)
INTERNATIONAL = Text("international", "internacional")
SINCE = Text("in force since {}", "en vigor desde el {}")
SINCE_OPEN = Text(
    "in force, from a day not established", "en vigor, desde una fecha no establecida"
)
SINCE_UNSURE = Text(
    "in force, its first day is not confirmed",
    "en vigor, con fecha inicial sin confirmar",
)
ON_YEAR = Text("the year {}", "año {}")
READINGS = Text(
    "The law is disputed. Readings of {title} in {country}: {readings}. {taken}",
    "La ley es objeto de disputa. Lecturas de {title} en {country}: {readings}. {taken}",
)
TAKEN = {
    Reading.SETTLED: Text("The most lenient is used.", "Se usa la más favorable."),
    Reading.FLOOR: Text("The most lenient is used.", "Se usa la más favorable."),
    Reading.STRICTEST: Text("The strictest is used.", "Se usa la más estricta."),
}
MATTERS = Text("; it matters whether it is {}", "; importa si es {}")
NOBODY_LISTED = Text("{}: there are none.", "{}: no hay.")
ROSTER_UNKNOWN = Text("{}: not known ({}).", "{}: no se sabe ({}).")
NONE_OF = Text(
    "True of none of the {people} ({n}): {what}.",
    "No se cumple en ninguno de estos casos, {people} ({n}): {what}.",
)
EACH_OF = Text(
    "True of each of the {people} ({n}): {what}.",
    "Se cumple en todos estos casos, {people} ({n}): {what}.",
)
COUNTED = Text(
    "Of the {people} ({n}), true of {sure} and not known of {unknown}; what counts is "
    "{bound}: {what}.",
    "De {people} ({n}), se cumple en {sure} y no se sabe en {unknown}; lo que cuenta es "
    "{bound}: {what}.",
)
NEEDED = Text(
    "Not known, and needed to decide:", "No se sabe, y hace falta para decidir:"
)
ALONE = Text(
    "One answer to this could decide it.",
    "Una respuesta a esto podría bastar para decidir.",
)
CITES = Text("Based on: {}.", "Fundamento: {}.")
ARTICLE = Text("{id} ({title}), {article}", "{id} ({title}), {article}")
