"""Legal forms of companies, as tokens after normalizing: those at a name's end, those at its beginning."""

_LAST = """
    inc incorporated corp corporation co company companies cie llc lc llp lllp lp ltd ltda limited
    plc pllc pc gmbh mbh ag kg kgaa ohg gbr ug ev eg sa sas sasu sarl snc sca sl slu srl spa sapi cv
    rl eirl scs bv nv vof cvba oy oyj ab asa aps as hf ehf kk yk gk pte pty pvt private sdn bhd
    berhad jsc ojsc cjsc pjsc ooo oao zao pao ao too tov tzov fze fzco fzc fzllc dmcc wll est tbk
    kft zrt nyrt rt sro spol doo dd ad ead eood ood jd zoo dooel aktiengesellschaft gesellschaft
    aktiebolag societe anonyme sociedad anonima limitada youxiangongsi gongsi jutuangongsi
    youxianzerengongsi gufenyouxiangongsi jituan zhushihuishe gabushiggisa
"""
_FIRST = "llc llp ooo oao zao pao ao too pt cv ud tov tzov pjsc ojsc jsc"

LAST_FORMS = frozenset(_LAST.split())
FIRST_FORMS = frozenset(_FIRST.split())
# Forms written out in several words, as one token.
PHRASES = {
    "limited liability company": "llc",
    "limited liability partnership": "llp",
    "public joint stock company": "pjsc",
    "open joint stock company": "ojsc",
    "closed joint stock company": "cjsc",
    "joint stock company": "jsc",
    "private limited": "pvt",
    "societe anonyme": "sa",
    "sociedad anonima": "sa",
}
# Words of the forms that are long enough to be misspelled on purpose.
SPELLED_OUT = ("company", "limited", "liability", "corporation", "incorporated", "joint", "stock")
# "S.A. de C.V.", "S. de R.L.": the small words between the letters go with them.
JOINING = frozenset(("de", "y", "and", "the", "of"))
