"""The buyer's routes."""

from django.urls import path

from scoring.panel_urls import urlpatterns as panel_urls
from scoring.views import declaration, desk, knockouts, openings, overview, proposals, ranking, reports

app_name = "scoring"
urlpatterns = [
    *panel_urls,
    path("evaluate/", overview.rfp_list, name="rfp_list"),
    path("evaluate/proposals/<uuid:pk>/", proposals.detail, name="proposal_detail"),
    path("evaluate/proposals/<uuid:pk>/trace/", proposals.trace, name="proposal_trace"),
    path("evaluate/proposals/<uuid:pk>/decide/", proposals.decide, name="proposal_decide"),
    path("evaluate/proposals/<uuid:pk>/files/<int:attachment>/", proposals.file, name="proposal_file"),
    path("evaluate/proposals/<uuid:pk>/mark/", desk.mark, name="proposal_mark"),
    path("evaluate/proposals/<uuid:pk>/report/", reports.request_summary, name="summary_request"),
    path("evaluate/reports/<int:pk>/", reports.detail, name="report_detail"),
    path("evaluate/reports/<int:pk>/file/", reports.file, name="report_file"),
    path("evaluate/<slug:number>/", overview.overview, name="overview"),
    path("evaluate/<slug:number>/declare/", declaration.declare, name="declare"),
    path("evaluate/<slug:number>/proposals/", proposals.proposal_list, name="proposal_list"),
    path("evaluate/<slug:number>/scoring/", desk.queue, name="queue"),
    path("evaluate/<slug:number>/knockouts/", knockouts.knockout_list, name="knockout_list"),
    path("evaluate/<slug:number>/knockouts/<int:finding>/", knockouts.decide, name="knockout_decide"),
    path("evaluate/<slug:number>/openings/", openings.opening_list, name="opening_list"),
    path(
        "evaluate/<slug:number>/openings/<int:window>/<str:envelope>/",
        openings.open_envelope,
        name="opening_act",
    ),
    path("evaluate/<slug:number>/ranking/", ranking.ranking, name="ranking"),
    path("evaluate/<slug:number>/ranking/export/<str:kind>/", ranking.export, name="ranking_export"),
    path("evaluate/<slug:number>/reports/", reports.report_list, name="report_list"),
    path("evaluate/<slug:number>/reports/shortlist/", reports.request_shortlist, name="shortlist_request"),
]
