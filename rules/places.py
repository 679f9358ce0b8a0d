"""The countries the book speaks of, as a reader knows them, and their money."""

from dataclasses import dataclass

from rules.texts import Text


@dataclass(frozen=True, slots=True)
class Country:
    """A name, and a currency with its number of decimals (ISO 4217)."""

    name: Text
    currency: str
    decimals: int


def _country(en: str, es: str, currency: str, decimals: int = 2) -> Country:
    return Country(Text(en, es), currency, decimals)


COUNTRIES: dict[str, Country] = {
    "AR": _country("Argentina", "Argentina", "ARS"),
    "BO": _country("Bolivia", "Bolivia", "BOB"),
    "BR": _country("Brazil", "Brasil", "BRL"),
    "CD": _country(
        "Democratic Republic of the Congo", "República Democrática del Congo", "CDF"
    ),
    "CI": _country("Côte d'Ivoire", "Côte d'Ivoire", "XOF", 0),
    "CM": _country("Cameroon", "Camerún", "XAF", 0),
    "CO": _country("Colombia", "Colombia", "COP"),
    "CR": _country("Costa Rica", "Costa Rica", "CRC"),
    "DO": _country("Dominican Republic", "República Dominicana", "DOP"),
    "EC": _country("Ecuador", "Ecuador", "USD"),
    "ET": _country("Ethiopia", "Etiopía", "ETB"),
    "GH": _country("Ghana", "Ghana", "GHS"),
    "GT": _country("Guatemala", "Guatemala", "GTQ"),
    "HN": _country("Honduras", "Honduras", "HNL"),
    "ID": _country("Indonesia", "Indonesia", "IDR"),
    "IN": _country("India", "India", "INR"),
    "KE": _country("Kenya", "Kenia", "KES"),
    "LR": _country("Liberia", "Liberia", "LRD"),
    "MX": _country("Mexico", "México", "MXN"),
    "MY": _country("Malaysia", "Malasia", "MYR"),
    "NG": _country("Nigeria", "Nigeria", "NGN"),
    "NI": _country("Nicaragua", "Nicaragua", "NIO"),
    "PA": _country("Panama", "Panamá", "PAB"),
    "PE": _country("Peru", "Perú", "PEN"),
    "PG": _country("Papua New Guinea", "Papúa Nueva Guinea", "PGK"),
    "PY": _country("Paraguay", "Paraguay", "PYG", 0),
    "RW": _country("Rwanda", "Ruanda", "RWF", 0),
    "SL": _country("Sierra Leone", "Sierra Leona", "SLE"),
    "SV": _country("El Salvador", "El Salvador", "USD"),
    "TH": _country("Thailand", "Tailandia", "THB"),
    "TZ": _country("Tanzania", "Tanzania", "TZS"),
    "UG": _country("Uganda", "Uganda", "UGX", 0),
    "VN": _country("Viet Nam", "Viet Nam", "VND", 0),
}


def country_name(code: str, language: str) -> str:
    known = COUNTRIES.get(code)
    return known.name.in_language(language) if known else code
