"""Named brands stand in a text as whole words, or not at all."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from suppliers.matching.brands import BRANDS, contains_brand


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Huawei Technologies Co., Ltd.", "Huawei"),
        ("ZTE-MF283", "ZTE"),
        ("ZTE283", "ZTE"),
        ("hikvision", "Hikvision"),
        ("HIK VISION DS-2CD", "Hikvision"),
        ("Dаhuа IPC", "Dahua"),
        ("H\u200bytera", "Hytera"),
        ("Semiconductor Manufacturing International Corp (Beijing)", "SMIC"),
        ("ChangXin Memory Technologies", "CXMT"),
        ("长江存储科技", "YMTC"),
    ],
)
def test_a_brand_is_found(text, code):
    brand = contains_brand(text)
    assert brand is not None and brand.code == code


@pytest.mark.parametrize(
    "text", ["Smicro Inc", "Aztec Metals", "Semiconductor Manufacturing Inc", "Dahuang", "", "SMICRO-ZTEX"]
)
def test_part_of_a_word_is_no_brand(text):
    assert contains_brand(text) is None


@given(st.text())
def test_any_text_is_answered(text):
    assert contains_brand(text) in (None, *BRANDS)
