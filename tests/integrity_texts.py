"""Reports in the words of a firm: phrases many share, and what a deceiver makes of one."""

import random
import re
from collections.abc import Sequence

PLACES = (
    "la bodega", "el beneficiadero", "la casa principal", "el alojamiento", "la cocina",
    "el lote alto", "la quebrada", "el patio", "la marquesina", "el cafetal viejo",
)  # fmt: skip
STATES = (
    "en buen estado", "recién pintado", "con goteras", "limpio y ordenado", "sin puerta",
    "con avisos visibles", "cerrado con candado", "bajo techo de zinc", "muy húmedo",
)  # fmt: skip
# What can be said of each trait of a farm; the same trait is not always told alike.
SAID = (
    ("Encontramos {place} {state}", "Se observa {place} {state}, según dice el encargado"),
    ("El productor guarda los recibos de pago en una carpeta", "Los recibos están completos desde {month}"),
    ("Los recolectores llegan de {town} en camioneta", "La mayoría de la gente viene de {town} cada cosecha"),
    ("Hay agua potable cerca de {place}", "El agua se trae de {place} y se hierve"),
    ("El botiquín tiene vendas, alcohol y guantes", "Falta reponer el botiquín desde {month}"),
    ("No se vieron menores trabajando durante el recorrido", "Los hijos estaban en la escuela de {town}"),
    ("Los plaguicidas se guardan aparte, {state}", "La fumigadora estaba junto a {place}"),
    ("Se paga por kilo recolectado, {number} pesos", "El jornal es de {number} pesos con alimentación"),
    ("La báscula fue revisada en {month}", "Pesamos una arroba y la báscula marcó bien"),
    ("Hay {small} camas y dos baños para los trabajadores", "El alojamiento tiene {small} puestos, {state}"),
    ("Los contratos son verbales salvo los de {small} personas", "Mostró {small} contratos firmados en {month}"),
    ("La vía de acceso está en mal estado por las lluvias", "Se llega a pie desde {town}, unos {small} minutos"),
    ("El productor pertenece a la cooperativa desde hace {small} años", "Vende a la cooperativa de {town}"),
    ("Conversamos con {small} recolectores aparte del patrón", "Las entrevistas fueron en {place}"),
    ("Las herramientas tienen funda y mango firme", "Faltaban guantes para {small} personas"),
    ("La señora del productor prepara la comida en {place}", "La comida se descuenta, {number} pesos al día"),
    ("Hay extintor junto a {place}", "El extintor venció en {month}"),
    ("Se explicó la línea de quejas y se dejó un afiche", "Nadie conocía la línea de quejas"),
    ("El administrador no estaba y atendió el mayordomo", "Nos recibió el administrador, muy dispuesto"),
    ("Los horarios son de seis a tres con descanso", "En cosecha trabajan hasta las cinco, según {small} de ellos"),
    ("El lote de renovación está sembrado con castillo", "Sembraron {number} palos de variedad nueva"),
    ("La roya afectó parte del cultivo este semestre", "La producción bajó frente al año pasado"),
    ("Hay perros sueltos cerca de {place}", "El camino a {place} no tiene baranda"),
    ("El registro de trabajadores llega hasta {month}", "Lleva las cuentas en un cuaderno, {state}"),
    ("Piden capacitación en seguridad", "Recibieron capacitación en {month}"),
    ("La cosecha principal empieza en {month}", "Este año la cosecha se adelantó a {month}"),
    ("Tres familias viven en la finca todo el año", "En la finca sólo vive el mayordomo"),
    ("Los residuos se queman detrás de {place}", "Los envases se devuelven en {town}"),
    ("El beneficio gasta poca agua y tiene tanque tina", "Las aguas mieles van a {place}"),
    ("Una trabajadora embarazada hace tareas livianas", "Las mujeres reciben el mismo pago por kilo"),
)  # fmt: skip
OPENINGS = (
    "Se realizó la visita según lo programado y se presentó el objetivo.",
    "Llegada a la finca en la mañana, presentación del equipo y consentimiento.",
    "Visita de verificación social en época de cosecha.",
    "Recorrido por las instalaciones en compañía del encargado.",
    "Reunión de apertura con el productor y su familia.",
    "Se explicó la confidencialidad de las entrevistas antes de comenzar.",
)
CLOSINGS = (
    "Se agradeció la atención y se acordó la próxima visita.",
    "Reunión de cierre sin observaciones adicionales.",
    "El productor recibió copia del acta.",
    "Se dejaron compromisos por escrito.",
    "Queda pendiente enviar las fotografías.",
    "Fin de la visita, regreso al municipio.",
)
TOWNS = ("Planadas", "Gaitania", "Pitalito", "Timbío", "La Unión", "Buesaco", "Sotará")
MONTHS = ("enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto")
# What a deceiver swaps; whoever knows the formula swaps what it looks at.
SYNONYMS = {
    "encontramos": "hallamos", "observa": "aprecia", "productor": "caficultor",
    "guarda": "conserva", "recibos": "comprobantes", "carpeta": "legajador",
    "recolectores": "cosecheros", "llegan": "arriban", "camioneta": "campero",
    "mayoría": "generalidad", "potable": "limpia", "cerca": "próxima",
    "botiquín": "gabinete", "falta": "hace falta", "menores": "niños",
    "trabajando": "laborando", "recorrido": "trayecto", "hijos": "muchachos",
    "escuela": "colegio", "plaguicidas": "agroquímicos", "fumigadora": "bomba",
    "paga": "cancela", "recolectado": "cogido", "jornal": "día", "báscula": "pesa",
    "revisada": "calibrada", "camas": "literas", "baños": "sanitarios",
    "trabajadores": "obreros", "alojamiento": "dormitorio", "contratos": "acuerdos",
    "verbales": "de palabra", "firmados": "suscritos", "acceso": "entrada",
    "lluvias": "aguaceros", "pertenece": "está afiliado", "cooperativa": "asociación",
    "conversamos": "hablamos", "patrón": "dueño", "entrevistas": "charlas",
    "herramientas": "utensilios", "guantes": "protección", "prepara": "cocina",
    "comida": "alimentación", "descuenta": "rebaja", "extintor": "equipo de incendios",
    "explicó": "aclaró", "quejas": "reclamos", "administrador": "gerente",
    "mayordomo": "agregado", "recibió": "atendió", "horarios": "turnos",
    "descanso": "pausa", "cosecha": "recolección", "cultivo": "plantación",
    "producción": "rendimiento", "registro": "listado", "cuentas": "números",
    "cuaderno": "libreta", "capacitación": "formación", "familias": "hogares",
    "residuos": "basuras", "queman": "incineran", "envases": "frascos",
    "visita": "verificación", "finca": "predio", "equipo": "grupo",
    "instalaciones": "dependencias", "encargado": "responsable", "acta": "documento",
}  # fmt: skip
WORD = re.compile(r"\w+")


def report_of(
    draw: random.Random, traits: Sequence[int], style: int, number: int
) -> str:
    """Return an honest report: some of what can be said of the farm, and some habit."""
    told = draw.sample(traits, min(len(traits), draw.randint(6, 10)))
    said = [_filled(draw, draw.choice(SAID[trait])) for trait in told]
    habit = [OPENINGS[style]] if draw.random() < 0.7 else []
    ending = [CLOSINGS[style]] if draw.random() < 0.6 else []
    return " ".join([*habit, f"Finca {number}.", *said, *ending])


def paraphrased(draw: random.Random, text: str, number: int) -> str:
    """Return the report in other words and another order, for another farm."""
    strength = draw.uniform(0.35, 0.75)

    def swapped(found: re.Match[str]) -> str:
        word = found[0]
        other = SYNONYMS.get(word.casefold())
        if other is None or draw.random() > strength:
            return word
        return other.capitalize() if word[0].isupper() else other

    sentences = [one.strip() for one in text.split(".") if one.strip()]
    kept = [one for one in sentences if not one.startswith("Finca ")]
    if len(kept) > 5 and draw.random() < 0.7:
        kept.remove(draw.choice(kept))
    changed = [WORD.sub(swapped, one) for one in kept]
    changed = [re.sub(r"\d+", lambda _: str(draw.randint(2, 900)), c) for c in changed]
    draw.shuffle(changed)
    added = [
        _filled(draw, draw.choice(draw.choice(SAID))) for _ in range(draw.randint(0, 3))
    ]
    return " ".join([f"Finca {number}.", *(f"{one}." for one in changed), *added])


def _filled(draw: random.Random, phrase: str) -> str:
    return (
        phrase.format(
            place=draw.choice(PLACES),
            state=draw.choice(STATES),
            town=draw.choice(TOWNS),
            month=draw.choice(MONTHS),
            number=draw.randint(400, 70_000),
            small=draw.randint(2, 30),
        )
        + "."
    )
