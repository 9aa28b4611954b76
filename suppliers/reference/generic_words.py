"""Words of company names that say little about which company: abbreviations written out, and their weight.

Made from knowledge of trade names, not from any list.
"""

from suppliers.reference.countries import COUNTRY_NAMES

# Abbreviation or variant → the word both are compared as.
WRITTEN_OUT = {
    short: word
    for word, shorts in {
        "administration": "admin admn",
        "advanced": "adv advd",
        "aerospace": "aero",
        "agency": "agcy",
        "agricultural": "agri agric agriculture",
        "american": "amer",
        "and": "und et y i e",
        "associate": "assoc assocs associates association assn",
        "automotive": "automot",
        "aviation": "avn",
        "bank": "banco banque banca banka banki",
        "brother": "bros brothers",
        "building": "bldg bldgs",
        "business": "bus biz",
        "center": "ctr centre centro centr",
        "central": "cent cntrl",
        "chemical": "chem chems chemicals",
        "commercial": "comm comml commerce comercial",
        "communication": "comms commun communications",
        "component": "components comp",
        "construction": "constr const constructions construcciones konstruktsiya",
        "consulting": "cons consultants consultancy",
        "controls": "control ctrl ctrls",
        "department": "dept",
        "development": "dev devel dvlpmt",
        "distribution": "distr distrib distributors distributor distributing",
        "division": "div divn",
        "eastern": "east",
        "electric": "elec elect electrical",
        "electronic": "electron electronics",
        "engineering": "eng engr engg engrg engineers ingenieria",
        "enterprise": "ent entpr enterprises",
        "equipment": "equip eqpt eqp",
        "establishment": "estb estab",
        "exchange": "exch",
        "export": "exp exports exporting exportadora",
        "factory": "fty fcty factories zavod",
        "federal": "fed",
        "finance": "fin financial",
        "foundation": "fdn found fndn fundacion",
        "general": "gen genl",
        "government": "govt gov",
        "group": "grp groups grupo gruppe groupe gruppa",
        "holding": "hldg hldgs holdings",
        "hospital": "hosp",
        "import": "imp imports importing importadora",
        "industry": "ind inds indus industries industrial industria industrias industrie industrielle",
        "information": "info",
        "institute": "inst instituto institut",
        "insurance": "ins insur",
        "integrated": "integ integr",
        "international": "intl int internatl intnl intern internacional internationale internatsional",
        "investment": "inv invt invest investments inversiones",
        "laboratory": "lab labs laboratories labo laboratorio",
        "logistics": "log logis logistic",
        "machinery": "mach machine machines",
        "management": "mgmt mgt mngmt",
        "manufacturing": "mfg manuf mfr mfrs manufacturers manufacturer manufacture",
        "maritime": "marit",
        "market": "mkt mkts markets marketing mktg",
        "material": "matl matls materials",
        "mechanical": "mech",
        "medical": "med",
        "metallurgical": "met metall metallurgy",
        "ministry": "min",
        "mountain": "mt mtn",
        "national": "natl nat nacional nationale",
        "northern": "north no",
        "office": "ofc off",
        "operation": "ops operations opns",
        "organization": "org organisation",
        "petroleum": "petrol petro",
        "pharmaceutical": "pharm pharma pharmaceuticals",
        "plastic": "plas plastics",
        "precision": "prec",
        "product": "prod prods products",
        "production": "prodn productions",
        "project": "proj projects",
        "property": "prop props properties",
        "railway": "rwy rly rail",
        "regional": "reg regl",
        "republic": "rep",
        "research": "res rsch rd",
        "resource": "resources rsrc",
        "saint": "st ste sankt",
        "science": "sci sciences scientific",
        "security": "sec securities",
        "service": "svc svcs serv servs services servicios",
        "shipping": "ship shipg",
        "society": "soc",
        "solution": "soln solns solutions",
        "southern": "south so",
        "system": "sys syst systems sistemas",
        "technical": "techn technic",
        "technology": "tech techs technol technologies tecnologia technologie tekhnologii",
        "telecommunication": "telecom telecomm telecoms telecommunications",
        "trade": "trad trading trdg tradg traders trades comercio torgovyy",
        "transport": "trans transp transportation transports transporte",
        "university": "univ universidad universitet",
        "western": "west",
        "works": "wks wrks",
        "worldwide": "ww wwide",
    }.items()
    for short in shorts.split()
}
GENERIC = frozenset(WRITTEN_OUT.values()) | frozenset(
    ["air", "asia", "asian", "auto", "bio", "blue", "china", "city", "coast", "country", "design", "digital", "energy", "europe", "european", "far", "fiber", "first", "food", "gas", "global", "gold", "golden", "gulf", "home", "house", "india", "iron", "island", "land", "life", "light", "line", "link", "logic", "marine", "metal", "mining", "motor", "motors", "network", "new", "ocean", "oil", "old", "pacific", "parts", "plant", "point", "power", "prime", "quality", "royal", "sea", "shop", "silver", "smart", "solar", "star", "state", "steel", "sun", "super", "supply", "supplies", "tool", "tools", "union", "united", "usa", "us", "valley", "water", "wood", "world", "iran", "russia", "russian", "iranian", "chinese", "mexico", "de", "la", "el", "los", "las", "del", "di", "do", "da", "du", "le", "les", "von", "van", "der", "den", "of", "for", "the", "al", "middle", "general", "state", "company", "corporation", "limited", "sons", "group", "partners", "capital"]
)
# What an address label or a clerk adds to a name; it is no part of it.
NOISE = frozenset(
    ["branch", "branches", "office", "headquarters", "hq", "subsidiary", "subsidiaries", "affiliate", "plant", "facility", "site", "head", "main", "representative", "rep", "unit", "attn", "attention"]
)
NUMBER_WORDS = (
    {
        word: number
        for number, word in enumerate(
            ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen", "twenty"]
        )
    }
    | {
        word: 10 * number
        for number, word in enumerate(["thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"], start=3)
    }
    | {"fourty": 40}
)
ROMAN = {
    "ii": "2", "iii": "3", "iv": "4", "vi": "6", "vii": "7", "viii": "8", "ix": "9", "xi": "11", "xii": "12",
    "xiii": "13", "xiv": "14", "xv": "15",
}  # fmt: skip
# Countries as they stand in names of subsidiaries.
COUNTRY_WORDS = frozenset(
    name.lower() for name in COUNTRY_NAMES.values() if name.isalpha() and len(name) > 3
) | frozenset(["mexico", "schweiz", "deutschland", "espana", "italia", "brasil", "uk", "usa", "russia", "iran"])
