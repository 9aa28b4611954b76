"""Addresses of the board, and of what is done from it."""

from django.urls import URLPattern, path

from portal.web.bodies import takes_files
from scoring.board.forms import LARGEST_FILE
from scoring.board.views import assigning, board, work

BASE = "evaluate/<slug:number>/panel/"
urlpatterns: list[URLPattern] = [
    path(BASE, board.board, name="panel_board"),
    path(f"{BASE}by-hand/", board.by_hand, name="panel_by_hand"),
    path(f"{BASE}remind/<int:seat>/", board.remind, name="panel_remind"),
    path(f"{BASE}automatic/", assigning.automatic, name="panel_automatic"),
    path(f"{BASE}plans/<int:pk>/", assigning.run, name="panel_run"),
    path(f"{BASE}plans/<int:pk>/apply/", assigning.apply_run, name="panel_run_apply"),
    path(f"{BASE}file/", takes_files(assigning.from_file, most=LARGEST_FILE), name="panel_file"),
    path(f"{BASE}due/", work.due, name="panel_due"),
    path(f"{BASE}hand-over/<int:seat>/", work.hand_over, name="panel_hand_over"),
    path(f"{BASE}handovers/<int:pk>/end/", work.take_back, name="panel_take_back"),
]
