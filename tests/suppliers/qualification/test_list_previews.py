"""Before a list is used: what that would change among our suppliers, and what it lacks."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from portal.kit.refused import Refused
from portal.models import Role
from suppliers import lists, schedule
from suppliers.models import Alert, ListPreview, PreviewLine, Snapshot
from suppliers.qualification import actions as qualification_actions
from suppliers.qualification.previews import lists as list_previews
from suppliers.screening import alert_actions, list_actions, queries, rescreening
from tests import factories as make
from tests.suppliers.qualification.standing_acts import pending

pytestmark = pytest.mark.django_db

REASON = "Compared the address and the register entry."


@pytest.fixture
def officer(client):
    user = make.make_user(Role.OFFICER)
    client.force_login(user)
    return user


def staged(*names, extra="") -> Snapshot:
    """A list of the source "custom" that is loaded and not used yet."""
    rows = "".join(f"{sum(map(ord, name))},{name},TEST,{extra}\n" for name in names)
    data = f"record,name,programme,remarks\n{rows}".encode()
    found = lists.read_files({"list.csv": data}, source="custom")
    return list_actions.stage_list(found, as_of=make.NOW.date(), at=make.NOW, by=None)


def use(snapshot):
    list_actions.activate_list(snapshot, by=None, at=make.NOW, confirmed=True, reason="A trial.")


def told(snapshot) -> dict[str, list[str]]:
    """Effect → the suppliers it concerns."""
    found: dict[str, list[str]] = {}
    for line in make.preview(snapshot).previews.get().lines.order_by("supplier__legal_name", "id"):
        found.setdefault(line.effect, []).append(line.supplier.legal_name)
    return found


def state_of_all():
    return {
        (each.supplier.legal_name, each.name): (each.state, each.is_current)
        for each in Alert.objects.select_related("supplier")
    }


def test_a_preview_says_what_is_raised_released_held_and_kept(officer):
    use(staged("Amber Lark Trust", "Birch Lark Trust"))
    amber, birch, _cedar, _plain = (
        make.make_supplier(legal_name=name)
        for name in ("Amber Lark Trust", "Birch Lark Trust", "Cedar Lark Trust", "Plainfield Valley Bearings")
    )
    for each in (amber, birch):
        make.screen(each)
    alert_actions.decide_alert(
        Alert.objects.get(supplier=birch), decision="true_match", reason=REASON, by=officer, at=make.NOW
    )
    before = state_of_all()
    assert told(staged("Cedar Lark Trust")) == {
        "frees": ["Amber Lark Trust"],
        "holds": ["Cedar Lark Trust"],
        "keeps": ["Birch Lark Trust"],
        "raises": ["Cedar Lark Trust"],
        "releases": ["Amber Lark Trust"],
    }
    # Nothing of it has happened.
    assert state_of_all() == before


def test_a_preview_and_the_screening_after_it_agree(officer):
    use(staged("Amber Lark Trust", "Birch Lark Trust", "Dogwood Lark Trust"))
    names = ("Amber Lark Trust", "Birch Lark Trust", "Cedar Lark Trust", "Dogwood Lark Trust")
    for name in names:
        make.screen(make.make_supplier(legal_name=name))
    dogwood = Alert.objects.get(name="Dogwood Lark Trust")
    for by in (officer, make.make_user(Role.OFFICER)):
        alert_actions.decide_alert(dogwood, decision="false_positive", reason=REASON, by=by, at=make.NOW)
    newer = staged("Birch Lark Trust", "Cedar Lark Trust", "Dogwood Lark Trust", extra="moved")
    promised = told(newer)
    waiting = set(waiting_names())
    use(newer)
    rescreening.run(newer.runs.get().pk)
    now = set(waiting_names())
    assert promised["raises"] == sorted(now - waiting) == ["Cedar Lark Trust", "Dogwood Lark Trust"]
    assert promised["releases"] == sorted(waiting - now) == ["Amber Lark Trust"]


def waiting_names():
    return Alert.objects.filter(is_current=True, state__in=Alert.UNDECIDED).values_list("name", flat=True)


def test_a_preview_says_whose_qualification_is_held(officer):
    use(staged("Somebody Else Trading"))
    row = pending(legal_name="Amber Lark Trust")
    qualification_actions.act_on_standing(row, "approve", reason=REASON, told="", by=officer, at=make.NOW)
    newer = make.preview(staged("Somebody Else Trading", "Amber Lark Trust"))
    assert newer.previews.get().lines.get(effect="holds").is_qualified


def test_a_preview_that_was_cut_off_goes_on_where_it_was(monkeypatch):
    monkeypatch.setattr(list_previews, "STEP", 1)
    for name in ("Amber Lark Trust", "Birch Lark Trust"):
        make.make_supplier(legal_name=name)
    newer = staged("Amber Lark Trust", "Birch Lark Trust")
    preview = list_actions.preview_list(newer, by=None, at=make.NOW)
    list_previews._step(preview.pk, [newer])
    for _ in range(2):
        list_previews.run(preview.pk)
    preview.refresh_from_db()
    assert (preview.done, preview.total, preview.finished_at is not None) == (2, 2, True)
    assert preview.lines.filter(effect="raises").count() == 2


def test_only_the_newest_preview_of_a_list_is_kept():
    newer = staged("Amber Lark Trust")
    make.preview(newer)
    make.preview(newer)
    assert ListPreview.objects.filter(snapshot=newer).count() == 1


def test_a_preview_whose_message_was_lost_is_taken_up(django_capture_on_commit_callbacks):
    list_actions.preview_list(staged("Amber Lark Trust"), by=None, at=make.NOW - 2 * schedule.PATIENCE)
    ListPreview.objects.update(started_at="2020-01-01T00:00:00Z")
    with django_capture_on_commit_callbacks() as asked:
        schedule.sweep_screening()
    assert len(asked) == 1


def test_an_officer_uses_a_list_only_when_its_effect_is_known(officer):
    newer = staged("Amber Lark Trust")
    with pytest.raises(Refused, match="Wait for the preview"):
        list_actions.activate_list(newer, by=officer, at=make.NOW)
    make.preview(newer)
    # Worked out against no list; by now one is in use.
    use(staged("Birch Lark Trust"))
    with pytest.raises(Refused, match="Wait for the preview"):
        list_actions.activate_list(newer, by=officer, at=make.NOW, confirmed=True, reason="A trial.")
    make.preview(newer)
    list_actions.activate_list(newer, by=officer, at=make.NOW, confirmed=True, reason="A trial.")
    assert list(queries.active_snapshots()) == [newer]


@pytest.mark.parametrize("role", [Role.ADMIN, Role.AUDITOR, Role.REVIEWER])
def test_only_officers_load_preview_and_use_lists(role):
    newer, other = make.preview(staged("Amber Lark Trust")), make.make_user(role)
    found = lists.read_files({"list.csv": b"record,name\n1,One Foundry\n"}, source="house")
    for act in (
        lambda: list_actions.stage_list(found, as_of=make.NOW.date(), by=other, at=make.NOW),
        lambda: list_actions.preview_list(newer, by=other, at=make.NOW),
        lambda: list_actions.activate_list(newer, by=other, at=make.NOW),
    ):
        with pytest.raises(Refused, match="Only compliance officers"):
            act()


def test_the_page_counts_names_and_pages_what_would_change(client, officer):
    for number in range(60):
        make.make_supplier(legal_name=f"Amber Lark Trust {number} Works")
    supplier = make.make_supplier(legal_name="Amber Lark Trust")
    newer = make.preview(staged("Amber Lark Trust"))
    url = reverse("suppliers:list_detail", args=[newer.pk])
    page = client.get(url, {"effect": "raises"})
    counts = {code: count for code, _label, count in page.context["effects"]}
    assert counts["raises"] == PreviewLine.objects.filter(effect="raises").count() >= 1
    assert supplier.legal_name in page.content.decode()
    # What makes no sense shows the first kind there is.
    assert client.get(url, {"effect": "nonsense", "page": "9" * 99}).context["shown"] == "holds"


def test_the_page_takes_the_same_queries_for_one_line_and_for_three(client, officer):
    def count():
        newer = make.preview(staged("Amber Lark Trust", extra=str(Snapshot.objects.count())))
        url = reverse("suppliers:list_detail", args=[newer.pk])
        client.get(url)
        with CaptureQueriesContext(connection) as caught:
            page = client.get(url, {"effect": "raises"})
        return len(page.context["page"].object_list), len(caught)

    make.make_supplier(legal_name="Amber Lark Trust")
    one = count()
    for _ in range(2):
        make.make_supplier(legal_name="Amber Lark Trust")
    three = count()
    assert (one[0], three[0]) == (1, 3) and one[1] == three[1]


def test_auditors_and_admins_read_the_preview_and_cannot_use_the_list(client):
    newer = make.preview(staged("Amber Lark Trust"))
    for role in (Role.AUDITOR, Role.ADMIN):
        client.force_login(make.make_user(role))
        text = client.get(reverse("suppliers:list_detail", args=[newer.pk])).content.decode()
        assert "What using this list would change" in text and "Use this list" not in text


# ---- what a load lacks ----

SDN = "".join(
    f'{number},"PARTY NUMBER {number}","individual","SDGT"{",-0- " * 7},"UEI ZQGGHJH74D{number:02d}"\r\n'
    for number in range(20)
)
ALT = "".join(f'{number % 20},{number},"aka","OTHER NAME {number}",-0- \r\n' for number in range(40))
ADD = "".join(f'{number % 20},{number},"{number} Quay","Lancaster","Iran",-0- \r\n' for number in range(40))


def ofac(*, sdn=SDN, alt=ALT, add=ADD) -> Snapshot:
    files = {"sdn.csv": sdn, "alt.csv": alt, "add.csv": add}
    found = lists.read_files({name: text.encode() for name, text in files.items() if text}, source="ofac")
    return list_actions.stage_list(found, as_of=make.NOW.date(), at=make.NOW, by=None)


def cut(text: str, lines: int) -> str:
    return "".join(text.splitlines(keepends=True)[:lines])


def test_a_load_counts_names_addresses_and_identifiers():
    row = ofac()
    assert (row.parties_count, row.names_count, row.addresses_count) == (20, 60, 40)
    assert row.parts == ["add", "alt", "main"]


@pytest.mark.parametrize(
    ("without", "words"),
    [
        ({"alt": ""}, "other names"),
        ({"add": ""}, "addresses"),
        ({"alt": "", "add": ""}, "addresses and other names"),
    ],
)
def test_a_load_without_a_file_that_the_active_one_has_is_refused(without, words):
    use(ofac())
    with pytest.raises(Refused, match=f"also has the file with {words}"):
        use(ofac(**without))


@pytest.mark.parametrize(
    ("shorter", "words"),
    [
        # 6 of 60 names are a tenth; 4 of 40 addresses are.
        ({"alt": cut(ALT, 34)}, "6 fewer names than the active list: 54 instead of 60"),
        ({"add": cut(ADD, 36)}, "4 fewer addresses"),
        ({"sdn": SDN.replace("UEI ", "No ")}, "fewer identifiers"),
        ({"sdn": cut(SDN, 18), "alt": "", "add": ""}, "2 fewer records"),
    ],
)
def test_a_tenth_less_of_anything_is_confirmed_with_a_reason(shorter, words):
    kept = {"alt": "", "add": ""} if shorter.get("alt") == "" else {}
    use(ofac(**kept))
    newer = ofac(**shorter)
    for doubtful in ({}, {"confirmed": True}, {"confirmed": True, "reason": "  "}):
        with pytest.raises(Refused, match=words):
            list_actions.activate_list(newer, by=None, at=make.NOW, **doubtful)
    use(newer)
    assert newer.runs.get().reason == "A trial."


def test_just_under_a_tenth_less_is_shown_and_needs_no_reason(client, officer):
    use(ofac())
    newer = make.preview(ofac(alt=cut(ALT, 35)))
    found = [
        each for each in queries.doubts(newer, queries.active_twin(newer)) if "complete list" not in each
    ]
    assert found == []
    context = client.get(reverse("suppliers:list_detail", args=[newer.pk])).context
    assert context["losses"] == [
        ("records", 20, 20, 0),
        ("names", 60, 55, -5),
        ("addresses", 40, 40, 0),
        ("identifiers", *context["losses"][3][1:3], 0),
    ]


def test_as_many_records_of_another_list_are_in_doubt():
    use(staged(*(f"Foundry Number {number}" for number in range(10))))
    other = staged(*(f"Quarry Number {number}" for number in range(20, 30)))
    (doubt,) = queries.doubts(other, queries.active_twin(other))
    assert doubt == "10 of the 10 active records are not in it."


def test_a_first_load_without_its_companions_is_in_doubt():
    assert any(
        "addresses and other names was not loaded" in each
        for each in queries.doubts(ofac(alt="", add=""), None)
    )


def test_nine_and_a_half_tenths_of_the_records_are_enough():
    names = [f"Foundry Number {number}" for number in range(20)]
    use(staged(*names))
    fewer = staged(*names[:19])
    assert queries.doubts(fewer, queries.active_twin(fewer)) == []


def test_a_tiny_official_list_asks_too():
    assert any("at least" in each for each in queries.doubts(ofac(), None))
