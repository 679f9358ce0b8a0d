"""What a column of a list can mean: the fields, and the headings people give them."""

from dataclasses import dataclass
from enum import StrEnum

from compliance.imports.names import folded
from compliance.registry.models import IdentifierScheme
from compliance.texts import N_


class Field(StrEnum):
    NAME = "name"
    KIND = "kind"
    COMMODITY = "commodity"
    COUNTRY = "country"
    ADMIN1 = "admin1"
    MUNICIPALITY = "municipality"
    LOCALITY = "locality"
    LATITUDE = "latitude"
    LONGITUDE = "longitude"
    POINT = "point"
    ALTITUDE = "altitude"
    ALTITUDE_UNIT = "altitude_unit"
    AREA = "area"
    GROUP = "group"
    HARVEST = "harvest"
    BAGS = "bags"
    BAG_WEIGHT = "bag_weight"
    NOTED_ON = "noted_on"
    TAX_NUMBER = "tax_number"
    GLN = "gln"
    LEI = "lei"
    OS_HUB = "os_hub"
    UNIVERSAL_MILL_LIST = "universal_mill_list"
    RSPO = "rspo"
    ISCC = "iscc"
    RAINFOREST_ALLIANCE = "rainforest_alliance"
    FAIRTRADE = "fairtrade"
    FOUR_C = "4c"
    NATIONAL_COFFEE_REGISTER = "national_coffee_register"
    OWN_NUMBER = "own_number"


SCHEMES = {Field(scheme.value): scheme for scheme in IdentifierScheme}
# Kept with the row and shown, but no part of the register.
KEPT_ONLY = frozenset(
    {
        Field.LOCALITY,
        Field.ALTITUDE,
        Field.HARVEST,
        Field.BAGS,
        Field.BAG_WEIGHT,
        Field.NOTED_ON,
    }
)


@dataclass(frozen=True)
class Described:
    """What a field is called, and the headings that mean it, the surest first."""

    label: str
    headings: tuple[str, ...]


def _described(label: str, headings: str) -> Described:
    return Described(label, tuple(folded(one) for one in headings.split(",")))


FIELDS: dict[Field, Described] = {
    Field.NAME: _described(
        N_("Name of the site"),
        "site name, farm name, nombre de la finca, nombre finca, nome da fazenda,"
        "nombre del predio, nombre predio, mill name, nombre del beneficio,"
        "nombre de la planta, facility name, factory name, plant name, name, nombre,"
        "nome, farm, finca, fazenda, predio, propriedade, estate, hacienda, parcela,"
        "mill, beneficio, planta, extractora, facility, site, sitio, sítio, unidade",
    ),
    Field.KIND: _described(
        N_("Kind of site"), "site kind, kind, kind of site, tipo de sitio, type, tipo"
    ),
    Field.COMMODITY: _described(
        N_("Commodity"), "commodity, crop, cultivo, producto, produto, cultura, rubro"
    ),
    Field.COUNTRY: _described(
        N_("Country"),
        "country of origin, pais de origen, país de origem, country, pais, país,"
        "country name, country code, codigo pais, nation, nacion, iso country",
    ),
    Field.ADMIN1: _described(
        N_("Department, state or province"),
        "admin1, departamento, department, state, estado, provincia, province, uf,"
        "state province, region, región, região, depto, dpto",
    ),
    Field.MUNICIPALITY: _described(
        N_("Municipality"),
        "municipality, municipio, município, district, distrito, canton, cantón,"
        "county, city, ciudad, cidade, town, admin2, mpio",
    ),
    Field.LOCALITY: _described(
        N_("Address or locality"),
        "locality, address, direccion, dirección, endereço, vereda, village, aldea,"
        "comunidad, comunidade, corregimiento, barrio, parroquia, localidad,"
        "street address, domicilio, ubicacion, location",
    ),
    Field.LATITUDE: _described(
        N_("Latitude"),
        "latitude, latitud, lat, y, coord y, coordenada y, gps latitude, gps lat,"
        "latitude decimal, latitud decimal, lat dd",
    ),
    Field.LONGITUDE: _described(
        N_("Longitude"),
        "longitude, longitud, lon, lng, long, x, coord x, coordenada x, gps longitude,"
        "gps lon, gps lng, longitude decimal, longitud decimal, lon dd, long dd",
    ),
    Field.POINT: _described(
        N_("Latitude and longitude in one cell"),
        "coordinates, coordenadas, gps, gps coordinates, lat long, lat lon, lat lng,"
        "latlong, latlng, geolocation, geolocalizacion, georreferencia, punto gps",
    ),
    Field.ALTITUDE: _described(
        N_("Altitude"),
        "altitude, altitud, altura, elevation, elevacion, elevação, msnm, masl,"
        "altitude m, altitud msnm, altitud m, altitude mean meters, asnm",
    ),
    Field.ALTITUDE_UNIT: _described(
        N_("Unit of the altitude"),
        "altitude unit, unit of measurement, unidad de altitud, unidad de medida,"
        "unidade de medida",
    ),
    Field.AREA: _described(
        N_("Area"),
        "area ha, área ha, hectares, hectareas, hectáreas, ha, area, área, farm size,"
        "farm area, total area, superficie, extension, tamaño, tamanho, area total,"
        "area hectares, area m2, area hectareas, tamaño de la finca",
    ),
    Field.GROUP: _described(
        N_("Producer group"),
        "producer group, group, grupo, cooperative, cooperativa, association,"
        "asociacion, associação, grupo de productores, grupo de produtores",
    ),
    Field.HARVEST: _described(
        N_("Harvest year"),
        "harvest year, año de cosecha, ano safra, cosecha, harvest, safra, season,"
        "crop year, año cosecha, zafra",
    ),
    Field.BAGS: _described(
        N_("Number of bags"),
        "number of bags, bags, sacos, numero de sacos, sacas, número de sacas, bultos",
    ),
    Field.BAG_WEIGHT: _described(
        N_("Weight of a bag"),
        "bag weight, weight per bag, peso por saco, peso saco, peso del saco,"
        "peso da saca",
    ),
    Field.NOTED_ON: _described(
        N_("Date of the record"),
        "grading date, record date, registration date, date registered, fecha,"
        "fecha de registro, data de registro, date",
    ),
    Field.TAX_NUMBER: _described(
        N_("Tax number"),
        "tax number, tax id, nit, ruc, rut, rfc, cnpj, numero tributario, vat number",
    ),
    Field.GLN: _described(N_("GLN"), "gln, global location number"),
    Field.LEI: _described(N_("LEI"), "lei, legal entity identifier"),
    Field.OS_HUB: _described(
        N_("OS Hub number"), "os id, os hub id, os hub, oar id, open supply hub id"
    ),
    Field.UNIVERSAL_MILL_LIST: _described(
        N_("Universal Mill List number"),
        "uml id, uml, universal mill list id, universal mill list",
    ),
    Field.RSPO: _described(
        N_("RSPO number"), "rspo, rspo id, rspo number, rspo membership number"
    ),
    Field.ISCC: _described(N_("ISCC number"), "iscc, iscc id, iscc number"),
    Field.RAINFOREST_ALLIANCE: _described(
        N_("Rainforest Alliance number"),
        "rainforest alliance, rainforest alliance id, ra id, utz id",
    ),
    Field.FAIRTRADE: _described(
        N_("Fairtrade number"), "fairtrade, fairtrade id, flo id, flo"
    ),
    Field.FOUR_C: _described(N_("4C number"), "4c, 4c id, 4c number, 4c unit id"),
    Field.NATIONAL_COFFEE_REGISTER: _described(
        N_("National coffee register number"),
        "sica, codigo sica, sica code, national coffee register, ihcafe, clave ihcafe,"
        "codigo ihcafe, registro cafetero, codigo de finca sica",
    ),
    Field.OWN_NUMBER: _described(
        N_("Your own number"),
        "own number, our number, farm code, farm id, site code, site id,"
        "supplier code, supplier id, producer code, codigo de finca, codigo finca,"
        "codigo productor, codigo proveedor, código da fazenda, codigo interno",
    ),
}
