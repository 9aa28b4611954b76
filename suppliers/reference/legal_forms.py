"""Legal forms of companies, as tokens after normalizing: those at a name's end, those at its beginning."""

_LAST = """
    inc incorporated corp corporation co company companies cie llc lc llp lllp lp ltd ltda limited
    plc pllc pc gmbh mbh ag kg kgaa ohg gbr ug ev eg sa sas sasu sarl snc sca sl slu srl spa sapi cv
    rl eirl scs bv nv vof cvba oy oyj ab asa aps as hf ehf kk yk gk pte pty pvt private sdn bhd
    berhad jsc ojsc cjsc pjsc ooo oao zao pao ao too tov tzov fze fzco fzc fzllc dmcc wll est tbk
    kft zrt nyrt rt sro spol doo dd ad ead eood ood jd zoo dooel aktiengesellschaft gesellschaft
    aktiebolag societe anonyme sociedad anonima limitada youxiangongsi gongsi jutuangongsi
    youxianzerengongsi gufenyouxiangongsi jituan zhushihuishe gabushiggisa
    suarl spzoo spk smllc pllp pjs psc saoc saog scrl sccrl sica sab saa sac srls snc gie eurl ulc
    sc
"""
_FIRST = "llc llp ooo oao zao pao ao too pt cv ud tov tzov pjsc ojsc jsc"

LAST_FORMS = frozenset(_LAST.split())
FIRST_FORMS = frozenset(_FIRST.split())
# Forms written out in several words, as one token.
PHRASES = {
    "limited liability": "llc",
    "ltd liability company": "llc",
    "ltd liability co": "llc",
    "limited liability co": "llc",
    "joint stock": "jsc",
    "joint stock co": "jsc",
    "public joint stock": "pjsc",
    "open joint stock": "ojsc",
    "closed joint stock": "cjsc",
    "gesellschaft mit beschrankter haftung": "gmbh",
    "sp z o o": "spzoo",
    "sp z oo": "spzoo",
    "sp zoo": "spzoo",
    "spolka z ograniczona odpowiedzialnoscia": "spzoo",
    "spolka akcyjna": "sa",
    "spolka komandytowa": "spk",
    "sp k": "spk",
    "societatea cu raspundere limitata": "srl",
    "societate cu raspundere limitata": "srl",
    "sociedad de responsabilidad limitada": "srl",
    "societa a responsabilita limitata": "srl",
    "societa per azioni": "spa",
    "societe a responsabilite limitee": "sarl",
    "sociedade anonima": "sa",
    "sociedade limitada": "ltda",
    "naamloze vennootschap": "nv",
    "besloten vennootschap": "bv",
    "publichnoe aktsionernoe obshchestvo": "pao",
    "otkrytoe aktsionernoe obshchestvo": "oao",
    "zakrytoe aktsionernoe obshchestvo": "zao",
    "aktsionernoe obshchestvo": "ao",
    "tovarystvo z obmezhenoiu vidpovidalnistiu": "tov",
    "s a de c v": "cv",
    "sa de c v": "cv",
    "s de r l de c v": "cv",
    "s a s": "sas",
    "s a": "sa",
    "s r l": "srl",
    "s p a": "spa",
    "b v": "bv",
    "n v": "nv",
    "l l c": "llc",
    "p l c": "plc",
    "a s": "as",
    "s l": "sl",
    "limited liability company": "llc",
    "limited liability partnership": "llp",
    "public joint stock company": "pjsc",
    "open joint stock company": "ojsc",
    "closed joint stock company": "cjsc",
    "joint stock company": "jsc",
    "private limited": "pvt",
    "proprietary limited": "pty",
    "s en c": "snc",
    "sociedad civil": "sc",
    "societe anonyme": "sa",
    "sociedad anonima": "sa",
}
# The Russian limited company, in every mixture of the transliterations in use.
PHRASES |= {
    f"{company} s {limited} {liability}": "ooo"
    for company in ("obshchestvo", "obschestvo", "obsestvo")
    for limited in ("ogranichennoy", "ogranichennoi", "ogranicennoj", "ogranichennoj")
    for liability in ("otvetstvennostyu", "otvetstvennostiu", "otvetstvennostju")
}
# Words of the forms that are long enough to be misspelled on purpose.
SPELLED_OUT = (
    "company", "limited", "liability", "corporation", "incorporated", "joint", "stock", "public",
    "aktiengesellschaft", "gesellschaft", "beschrankter", "anonyme", "obshchestvo", "ogranichennoi",
    "otvetstvennostiu", "aktsionernoe", "proprietary",
)  # fmt: skip
# The same long forms in Cyrillic, read as they are transliterated.
CYRILLIC = {
    "общество с ограниченной ответственностью": "ooo",
    "публичное акционерное общество": "pao",
    "открытое акционерное общество": "oao",
    "закрытое акционерное общество": "zao",
    "акционерное общество": "ao",
    "товариство з обмеженою відповідальністю": "tov",
}
# "S.A. de C.V.", "S. de R.L.": the small words between the letters go with them.
JOINING = frozenset(("de", "y", "and", "the", "of"))
