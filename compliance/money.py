"""Currencies: the codes of ISO 4217 and how many decimals each has, for whole minor units.

Amounts are integers in the currency's minor unit and are never converted or mixed.
"""

from collections.abc import Mapping

# So that a sum of many stays exact where a reader of JSON keeps 53 bits (RFC 8259, 6).
LARGEST_AMOUNT = 1_000_000_000_000_000

CODES = {
    0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF",
    2: """
AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BRL BSD BTN BWP BYN BZD CAD
CDF CHF CNY COP CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD
GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL
MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN
PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP
SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD UYU UZS VED VES WST XCD XCG YER ZAR ZMW ZWG
""",
    3: "BHD IQD JOD KWD LYD OMR TND",
}

# Code → the number of decimals of its minor unit (ISO 4217, "minor unit").
EXPONENTS: Mapping[str, int] = {
    code: exponent for exponent, codes in CODES.items() for code in codes.split()
}


def exponent_of(currency: str | None) -> int | None:
    """Return the number of decimals of a currency, None where there is no money."""
    return None if currency is None else EXPONENTS[currency]
