"""Alerts on pages, and how an officer sends a form."""

from django.core.files.uploadedfile import SimpleUploadedFile

from suppliers import lists
from suppliers.screening import list_actions
from tests import factories as make

LISTED = "Zyxtrovic Armaments Trust"


LOAD = "/screening/lists/load/"


ALERTS = "/screening/alerts/"


def an_alert(name=LISTED):
    make.make_list(name)
    return make.screen(make.make_supplier(legal_name=name))[0]


def sent(**changes):
    data = b"name,aliases\nSeaglass Metals,SMT\n"
    values = {
        "source": "own",
        "code": "house",
        "as_of": make.NOW.date().isoformat(),
        "list_files": SimpleUploadedFile("house.csv", data),
    }
    return {**values, **changes}


def several():
    """Three alerts: same name abroad, same name at home, a shared identifier."""
    data = (
        "record,name,country,uei\n"
        f"A,{LISTED},Iran,\nB,Verdemar Shipping Trust,United States,\nC,Another Party,,ZQGGHJH74DW7\n"
    )
    found = lists.read_files({"list.csv": data.encode()}, source="house")
    list_actions.load_list(found, as_of=make.NOW.date(), at=make.NOW)
    for name, uei in ((LISTED, ""), ("Verdemar Shipping Trust", ""), ("Lark Works", "ZQGGHJH74DW7")):
        make.screen(make.make_supplier(legal_name=name, uei=uei))


def names(client, **asked):
    return [alert.name for alert, _band, _urgency in client.get(ALERTS, asked).context["rows"]]
