"""Mail providers whose addresses say nothing about where somebody works."""

# A provider with an address in many countries: yahoo.com, yahoo.co.uk, gmx.de.
_PROVIDERS = frozenset(
    (
        "aol", "fastmail", "freenet", "gmail", "gmx", "googlemail", "hotmail", "icloud", "laposte",
        "mailinator", "msn", "outlook", "protonmail", "rediffmail", "rocketmail", "tutanota", "tutamail",
        "virginmedia", "wanadoo", "yahoo", "yandex", "ymail", "zoho", "zohomail",
    )
)  # fmt: skip
# Providers of one address, and internet carriers whose customers have one: small manufacturers often do.
_DOMAINS = frozenset(
    (
        "126.com", "163.com", "139.com", "abv.bg", "att.net", "bell.net", "bellsouth.net", "bigpond.com",
        "bk.ru", "bluewin.ch", "bol.com.br", "btinternet.com", "centurylink.net", "centurytel.net",
        "charter.net", "comcast.net", "cox.net", "cs.com", "duck.com", "earthlink.net", "embarqmail.com",
        "email.com", "foxmail.com", "free.fr", "frontier.com", "frontiernet.net", "guerrillamail.com",
        "hanmail.net", "hey.com", "hushmail.com", "inbox.com", "inbox.lv", "inbox.ru", "juno.com", "libero.it",
        "list.ru", "live.ca", "live.co.uk", "live.com", "live.com.au", "live.de", "live.fr", "live.it",
        "live.nl", "mac.com", "mail.com", "mail.ru", "mailbox.org", "me.com", "mindspring.com", "naver.com",
        "netscape.net", "netzero.com", "netzero.net", "optimum.net", "optonline.net", "orange.fr",
        "pacbell.net", "pm.me", "prodigy.net", "proton.me", "ptd.net", "qq.com", "roadrunner.com", "rogers.com",
        "rr.com", "runbox.com", "sbcglobal.net", "seznam.cz", "sfr.fr", "shaw.ca", "sina.cn", "sina.com",
        "sky.com", "snet.net", "sohu.com", "spectrum.net", "suddenlink.net", "swbell.net", "sympatico.ca",
        "t-online.de", "tds.net", "telus.net", "terra.com.br", "tuta.com", "tuta.io", "uol.com.br", "usa.com",
        "usa.net", "verizon.net", "videotron.ca", "web.de", "windstream.net", "wowway.com", "ya.ru", "yeah.net",
        "yopmail.com", "zoominternet.net",
    )
)  # fmt: skip


def is_public_mail(domain: str) -> bool:
    """Whether anybody can have an address there; also for a region's host of a carrier ("austin.rr.com")."""
    labels = domain.lower().strip(".").split(".")
    below = {".".join(labels[index:]) for index in range(len(labels) - 1)}
    is_everywhere = len(labels) <= 3 and labels[0] in _PROVIDERS
    return is_everywhere or bool(below & _DOMAINS)
