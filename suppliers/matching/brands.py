"""Named brands by token containment: sections 889 and 5949 name companies whose products count too. Pure.

A brand is in a text when its words stand there one after the other: "ZTE-MF283" holds ZTE, "Smicro Inc" does
not hold SMIC.
"""

import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from suppliers.matching.names import readable_words


@dataclass(frozen=True, kw_only=True, slots=True)
class Brand:
    """`names` are the ways it is written; `section` the law that names it."""

    code: str
    section: str
    names: tuple[str, ...]


BRANDS = (
    Brand(code="Huawei", section="889", names=("Huawei", "HiSilicon", "Hi Silicon", "华为")),
    Brand(
        code="ZTE",
        section="889",
        names=("ZTE", "Zhongxing Telecom", "Zhong Xing Telecommunication", "中兴通讯"),
    ),
    Brand(code="Hytera", section="889", names=("Hytera", "海能达")),
    Brand(code="Hikvision", section="889", names=("Hikvision", "Hik Vision", "海康威视")),
    Brand(code="Dahua", section="889", names=("Dahua", "Da Hua Technology", "大华")),
    Brand(
        code="SMIC",
        section="5949",
        names=("SMIC", "Semiconductor Manufacturing International", "中芯国际"),
    ),
    Brand(code="CXMT", section="5949", names=("CXMT", "ChangXin Memory", "Chang Xin Memory", "长鑫存储")),
    Brand(code="YMTC", section="5949", names=("YMTC", "Yangtze Memory", "长江存储")),
)


def contains_brand(text: str, brands: tuple[Brand, ...] = BRANDS) -> Brand | None:
    """The first of the brands whose name stands in the text as whole words, or None."""
    words = f" {' '.join(readable_words(text))} "
    plain = unicodedata.normalize("NFKC", text)
    for brand in brands:
        latin, others = _spelled(brand)
        # Chinese is written without blanks, so there any place in the text counts.
        if any(f" {name} " in words for name in latin) or any(name in plain for name in others):
            return brand
    return None


@lru_cache(maxsize=256)
def _spelled(brand: Brand) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """(Latin names as words, names in other scripts)."""
    latin = tuple(" ".join(readable_words(name)) for name in brand.names if name.isascii())
    return latin, tuple(name for name in brand.names if not name.isascii())
