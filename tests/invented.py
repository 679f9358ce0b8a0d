"""Invented producers, as many as one likes: the same for the same seed, none of them real."""

import csv
import io
import random
from collections.abc import Iterator
from itertools import islice

HEADINGS = (
    "Código de finca",
    "Nombre de la finca",
    "País",
    "Departamento",
    "Municipio",
    "Latitud",
    "Longitud",
    "Altitud (msnm)",
    "Área (ha)",
)
SORTS = ("Finca", "Hacienda", "Predio", "La", "El", "Lote", "Parcela", "Granja")
FIRST = (
    *(
        "Recuerdo",
        "Esperanza",
        "Mirador",
        "Porvenir",
        "Diamante",
        "Naranjo",
        "Guayacán",
    ),
    *("Laurel", "Cedro", "Yarumo", "Samán", "Bambú", "Helecho", "Colibrí", "Turpial"),
    *("Gavilán", "Cóndor", "Manantial", "Arroyo", "Peñón", "Balcón", "Refugio"),
    *("Encanto", "Paraíso", "Horizonte", "Lucero", "Amanecer", "Arrayán", "Nogal"),
)
SECOND = (
    *("Alto", "Bajo", "Verde", "Viejo", "Nuevo", "Grande", "Chico", "Azul", "Rojo"),
    *("del Río", "del Valle", "del Monte", "del Sol", "de la Cruz", "de la Loma"),
    *("de los Pinos", "de las Brisas", "de Piedra", "de Oro", "de Plata", "del Sur"),
)
SYLLABLES = ("ca", "qui", "ma", "to", "lú", "chí", "ra", "ne", "so", "pa", "mu", "tá")


def producers(count: int, seed: int = 7) -> Iterator[tuple[str, ...]]:
    """Yield rows of a list of `count` producers, dirty here and there as lists are."""
    chance = random.Random(seed)  # noqa: S311 - invented rows are no secret
    towns = [_town(chance) for _ in range(900)]
    for number in range(count):
        town, department, latitude, longitude = chance.choice(towns)
        words = (chance.choice(SORTS), chance.choice(FIRST), chance.choice(SECOND))
        metres = chance.randint(900, 2_100)
        yield (
            f"F-{number:07d}",
            " ".join(words),
            chance.choice(("Colombia", "CO", "COLOMBIA ", "colombia")),
            department,
            town,
            f"{latitude + chance.uniform(-0.05, 0.05):.6f}",
            f"{longitude + chance.uniform(-0.05, 0.05):.6f}",
            chance.choice((f"{metres} msnm", f"{metres}", f"{metres / 1000:.3f} msnm")),
            f"{chance.uniform(0.4, 12):.1f}".replace(".", ","),
        )


def _town(chance: random.Random) -> tuple[str, str, float, float]:
    name = "".join(chance.choice(SYLLABLES) for _ in range(4)).capitalize()
    department = "Departamento " + chance.choice("ABCDEFGH")
    return name, department, chance.uniform(2, 6), chance.uniform(-76, -73.5)


def csv_of(count: int, seed: int = 7) -> bytes:
    """Return such a list as CSV, with semicolons as a Spanish spreadsheet has them."""
    output = io.StringIO(newline="")
    writer = csv.writer(output, delimiter=";")
    writer.writerow(HEADINGS)
    writer.writerows(islice(producers(count, seed), count))
    return output.getvalue().encode("utf-8-sig")
