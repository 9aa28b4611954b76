"""Who accredits registrars, and which editions of a standard are in force. Defaults that officers may change. Pure."""

# Signatories of the multilateral arrangements of IAF and ILAC, which merged into the Global Accreditation
# Cooperation on January 1, 2026; the marks of both stay good. By the short name on the certificate.
ACCREDITERS = (
    "A2LA", "ACCREDIA", "ANAB", "BELAC", "BoA", "CAI", "CNAS", "COFRAC", "DAkkS", "DANAK", "EMA", "ENAC", "FINAS",
    "HKAS", "IAS", "INAB", "INMETRO", "IPAC", "JAB", "JAS-ANZ", "KAB", "KAN", "NABCB", "NVLAP", "PCA", "PJLA", "RvA",
    "SAC", "SANAS", "SAS", "SCC", "SNAS", "SWEDAC", "TAF", "TURKAK", "UKAS",
)  # fmt: skip

# Nationally Recognized Testing Laboratories, 29 CFR 1910.7.
NRTLS = (
    "Bay Area Compliance Laboratories", "Bureau Veritas", "CSA Group", "DEKRA", "Eurofins", "FM Approvals", "IAPMO",
    "Intertek", "LabTest", "MET Laboratories", "Nemko", "NSF", "QAI", "QPS", "SGS", "Southwest Research Institute",
    "TUV Rheinland", "TUV SUD", "UL", "UL LLC", "UL Solutions",
)  # fmt: skip

# "Standard edition": current, note (still accepted, a newer one is out) or withdrawn.
EDITIONS = (
    "ISO 9001 2015: current",
    "ISO 9001 2008: withdrawn",
    "ISO 9001 2026: current",
    "ISO 14001 2015: note",
    "ISO 14001 2026: current",
    "ISO 14001 2004: withdrawn",
    "ISO 45001 2018: current",
    "OHSAS 18001 2007: withdrawn",
    "ISO 13485 2016: current",
    "ISO/IEC 27001 2022: current",
    "ISO/IEC 27001 2013: withdrawn",
    "ISO 27001 2022: current",
    "ISO 27001 2013: withdrawn",
    "ISO/IEC 17025 2017: current",
    "ISO/IEC 17025 2005: withdrawn",
    "IATF 16949 2016: current",
    "AS9100 D: current",
    "AS9100 C: withdrawn",
    "ISO 50001 2018: current",
)

# Declarations and schemes that no accredited registrar certifies.
UNACCREDITED = ("RoHS", "REACH", "CMRT", "CE", "ITAR", "CMMC", "NRTL", "UL")
