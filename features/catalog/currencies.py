"""ISO 4217 codes, and the signs that stand for them."""

_CODES = """
AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN
BZD CAD CDF CHF CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS
GIP GMD GNF GTQ GYD HKD HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW
KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD
NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD
SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD UYU UZS VED
VES VND VUV WST XAF XCD XOF XPF YER ZAR ZMW ZWG ZWL
"""
CODES = frozenset(_CODES.split())
# Each sign first stands for the first code, but for another of its codes where the shop says so.
SIGNS = {
    "$": ("USD", "AUD", "CAD", "NZD", "SGD", "HKD", "MXN", "TWD", "ARS", "CLP", "COP"),
    "US$": ("USD",),
    "A$": ("AUD",),
    "AU$": ("AUD",),
    "C$": ("CAD",),
    "CA$": ("CAD",),
    "HK$": ("HKD",),
    "MX$": ("MXN",),
    "NT$": ("TWD",),
    "NZ$": ("NZD",),
    "R$": ("BRL",),
    "S$": ("SGD",),
    "€": ("EUR",),
    "£": ("GBP", "EGP", "GIP", "FKP"),
    "¥": ("JPY", "CNY"),
    "₹": ("INR",),
    "RS": ("INR", "PKR", "LKR", "NPR", "MUR"),
    "RS.": ("INR", "PKR", "LKR", "NPR", "MUR"),
    "৳": ("BDT",),
    "₩": ("KRW", "KPW"),
    "₽": ("RUB",),
    "РУБ": ("RUB",),
    "РУБ.": ("RUB",),
    "₺": ("TRY",),
    "TL": ("TRY",),
    "₴": ("UAH",),
    "ГРН": ("UAH",),
    "ГРН.": ("UAH",),
    "₸": ("KZT",),
    "₾": ("GEL",),
    "₼": ("AZN",),
    "₪": ("ILS",),
    "₫": ("VND",),
    "₱": ("PHP",),
    "฿": ("THB",),
    "₦": ("NGN",),
    "₡": ("CRC",),
    "₲": ("PYG",),
    "S/": ("PEN",),
    "S/.": ("PEN",),
    "R": ("ZAR",),
    "RM": ("MYR",),
    "RP": ("IDR",),
    "RP.": ("IDR",),
    "KR": ("SEK", "NOK", "DKK", "ISK"),
    "KR.": ("DKK", "SEK", "NOK", "ISK"),
    "ZŁ": ("PLN",),
    "KČ": ("CZK",),
    "FT": ("HUF",),
    "LEI": ("RON", "MDL"),
}
# A thousandth is their smallest part.
THREE_DECIMALS = frozenset({"BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"})


def currency_code(mark: str, expected: str = "") -> str:
    """The code of a sign or of a code in any case; `expected` where there is no mark.

    Raises:
        ValueError: there is no such currency.
    """
    if not mark:
        return expected
    mark = mark.upper()
    if mark in CODES:
        return mark
    codes = SIGNS.get(mark, ())
    if not codes:
        raise ValueError(f"{mark[:40]!r} is no currency of ISO 4217")
    return expected if expected in codes else codes[0]
