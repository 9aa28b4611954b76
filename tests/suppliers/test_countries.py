"""Countries as people write them."""

import pytest

from suppliers.reference.countries import COUNTRY_NAMES, country_code, country_name, country_of_place


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("US", "US"),
        ("u.s.a.", "US"),
        ("United States", "US"),
        ("United States of America (the)", "US"),
        ("Made in USA", "US"),
        ("KOR", "KR"),
        ("Korea, Republic of", "KR"),
        ("Korea (the Republic of)", "KR"),
        ("Korea, South", "KR"),
        ("Korea (Democratic People's Republic of)", "KP"),
        ("North Korea", "KP"),
        ("Taiwan", "TW"),
        ("Taiwan, Province of China", "TW"),
        ("Taiwan, R.O.C.", "TW"),
        ("Türkiye", "TR"),
        ("TURKIYE", "TR"),
        ("Côte d’Ivoire", "CI"),
        ("Cote d'Ivoire", "CI"),
        ("U.K.", "GB"),
        ("United Kingdom of Great Britain and Northern Ireland (the)", "GB"),
        ("Scotland", "GB"),
        ("The Netherlands", "NL"),
        ("Netherlands (the)", "NL"),
        ("Russian Federation (the)", "RU"),
        ("Viet Nam", "VN"),
        ("Iran (Islamic Republic of)", "IR"),
        ("Bolivia (Plurinational State of)", "BO"),
        ("Venezuela, Bolivarian Republic of", "VE"),
        ("Lao People's Democratic Republic (the)", "LA"),
        ("Syrian Arab Republic (the)", "SY"),
        ("Tanzania, the United Republic of", "TZ"),
        ("Congo (the Democratic Republic of the)", "CD"),
        ("St. Lucia", "LC"),
        ("Bosnia & Herzegovina", "BA"),
        ("Åland Islands", "AX"),
        ("Curaçao", "CW"),
        ("Réunion", "RE"),
        ("CN - China", "CN"),
        ("China (CN)", "CN"),
        ("China (PRC)", "CN"),
        ("People’s Republic of China", "CN"),
        ("Hong Kong SAR", "HK"),
        ("Slovak Republic", "SK"),
        ("Deutschland", "DE"),
        ("España", "ES"),
        ("Россия", "RU"),
        ("中国", "CN"),
        ("", ""),
        ("  ", ""),
        ("Kingdom of Sweden", "SE"),
        ("the Federal Republic of Nigeria", "NG"),
        ("Hashemite Kingdom of Jordan", "JO"),
        ("Republic of the Congo", "CG"),
        ("Democratic Republic of Korea", None),
        ("State of Georgia", None),
        ("Kingdom of Narnia", None),
        ("Narnia", None),
        ("MAL", None),
        ("US/MX", None),
        ("China (Taiwan)", None),
        ("Germany (France)", None),
    ],
)
def test_countries_by_code_or_name(text, code):
    assert country_code(text) == code


def test_every_name_of_ours_is_read_back():
    assert [code for code, name in COUNTRY_NAMES.items() if country_code(name) != code] == []
    assert len(COUNTRY_NAMES) == 249 and country_name("CN") == "China"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Shenzhen, China", "CN"),
        ("Dayton, Ohio, USA", "US"),
        ("Ohio", "US"),
        ("New Mexico", "US"),
        ("USA - Texas", "US"),
        ("Atlanta, Georgia, USA", "US"),
        ("Georgia", "GE"),
        ("US/MX", None),
        ("China and Vietnam", None),
        ("Springfield", None),
        ("", ""),
    ],
)
def test_places_in_a_country(text, code):
    assert country_of_place(text) == code
