"""The numbers that lists give: those of the register's sites, and brokers' licences."""

from enum import StrEnum


class NumberScheme(StrEnum):
    """By which register a number is; the words of the site's, and one of the broker's."""

    TAX_NUMBER = "tax_number"
    GLN = "gln"
    LEI = "lei"
    OS_HUB = "os_hub"
    UNIVERSAL_MILL_LIST = "universal_mill_list"
    RSPO = "rspo"
    LICENCE_NUMBER = "licence_number"
