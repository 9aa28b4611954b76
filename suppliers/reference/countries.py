"""Groups of countries, ISO 3166 alpha-2."""

USMCA = ("CA", "MX")
# A design default, editable per RFP.
_ALLIED = "AU AT BE CZ DK FI FR DE GB IE IT JP KR NL NO NZ PL ES SE CH TW"
ALLIED = tuple(_ALLIED.split())
# 10 U.S.C. 4872 names China, Russia, Iran and North Korea; Hong Kong and Macao count with China.
COVERED = ("CN", "HK", "MO", "RU", "IR", "KP")
