"""The buyer's routes."""

from django.urls import path

from scoring.api import views as api
from scoring.board import urls as board
from scoring.comparing.views import compare, coverage, what_if
from scoring.curing import urls as curing
from scoring.decisions.views import (
    openings,
    overview,
    proposal,
    proposal_list,
    queue,
    ranking,
    ranking_changes,
    ranking_columns,
    ranking_export,
    verdicts,
)
from scoring.drawing import urls as drawing
from scoring.home import views as home
from scoring.marking.views import by_criterion
from scoring.marking.views import desk as marking
from scoring.minutes import urls as minutes
from scoring.moderation import urls as moderation
from scoring.outcomes.views import awards, handoff, letters, supplier, texts
from scoring.panel import urls as panel
from scoring.panel.views import declaration
from scoring.reading import views as reading
from scoring.reports import views as reports

app_name = "scoring"
urlpatterns = [
    *panel.urlpatterns,
    *board.urlpatterns,
    *minutes.urlpatterns,
    *moderation.urlpatterns,
    *drawing.urlpatterns,
    path("api/evaluations/", api.EvaluationList.as_view(), name="api_evaluations"),
    *curing.urlpatterns,
    path("home/", home.home, name="home"),
    path("evaluate/", overview.rfp_list, name="rfp_list"),
    path("evaluate/proposals/<uuid:pk>/", proposal.detail, name="proposal_detail"),
    path("evaluate/proposals/<uuid:pk>/trace/", proposal.trace, name="proposal_trace"),
    path("evaluate/proposals/<uuid:pk>/decide/", proposal.decide, name="proposal_decide"),
    path("evaluate/proposals/<uuid:pk>/preferences/<str:code>/", proposal.refuse_claim, name="claim_refuse"),
    path("evaluate/proposals/<uuid:pk>/override/", proposal.override_standing, name="standing_override"),
    path("evaluate/proposals/<uuid:pk>/marks/<int:seat>/remove/", proposal.remove_marks, name="marks_remove"),
    path("evaluate/proposals/<uuid:pk>/files/<int:attachment>/", reading.file, name="proposal_file"),
    path(
        "evaluate/proposals/<uuid:pk>/files/<int:attachment>/release/",
        reading.release_file,
        name="file_release",
    ),
    path("evaluate/proposals/<uuid:pk>/mark/", marking.mark, name="proposal_mark"),
    path("evaluate/proposals/<uuid:pk>/report/", reports.request_summary, name="summary_request"),
    path("evaluate/reports/<int:pk>/", reports.detail, name="report_detail"),
    path("evaluate/reports/<int:pk>/file/", reports.file, name="report_file"),
    path("evaluate/<slug:number>/", overview.overview, name="overview"),
    path("evaluate/<slug:number>/chair/<int:change>/", overview.confirm_chair, name="chair_confirm"),
    path("evaluate/<slug:number>/declare/", declaration.declare, name="declare"),
    path("evaluate/<slug:number>/proposals/", proposal_list.proposal_list, name="proposal_list"),
    path("evaluate/<slug:number>/scoring/", marking.queue, name="queue"),
    path("evaluate/<slug:number>/scoring/<str:code>/", by_criterion.by_criterion, name="mark_criterion"),
    path("evaluate/<slug:number>/conflicts/", declaration.conflict_list, name="conflict_list"),
    path("evaluate/<slug:number>/conflicts/add/", declaration.add, name="conflict_add"),
    path("evaluate/<slug:number>/conflicts/recuse/", declaration.recuse, name="recuse"),
    path("evaluate/<slug:number>/decisions/", queue.decision_list, name="decision_list"),
    path("evaluate/<slug:number>/decisions/findings/", queue.decide_findings, name="decision_findings"),
    path("evaluate/<slug:number>/decisions/inputs/", queue.decide_inputs, name="decision_inputs"),
    path(
        "evaluate/<slug:number>/decisions/<str:kind>/<int:item>/",
        queue.decision_evidence,
        name="decision_evidence",
    ),
    path("evaluate/<slug:number>/openings/", openings.opening_list, name="opening_list"),
    path(
        "evaluate/<slug:number>/openings/<int:window>/<str:envelope>/",
        openings.open_envelope,
        name="opening_act",
    ),
    path("evaluate/<slug:number>/ranking/", ranking.ranking, name="ranking"),
    path("evaluate/<slug:number>/ranking/changes/", ranking_changes.changes, name="ranking_changes"),
    path("evaluate/<slug:number>/ranking/columns/", ranking_columns.choose, name="ranking_columns"),
    path(
        "evaluate/<slug:number>/ranking/views/<int:pk>/remove/",
        ranking_columns.remove_view,
        name="ranking_view_remove",
    ),
    path("evaluate/<slug:number>/ranking/decide/", verdicts.decide_selected, name="verdicts"),
    path("evaluate/<slug:number>/ranking/export/<str:kind>/", ranking_export.export, name="ranking_export"),
    path("evaluate/<slug:number>/coverage/", coverage.coverage, name="coverage"),
    path("evaluate/<slug:number>/coverage/suggest/", coverage.request_portfolio, name="portfolio_request"),
    path("evaluate/<slug:number>/ranking/compare/", compare.compare, name="compare"),
    path("evaluate/<slug:number>/ranking/what-if/", what_if.what_if, name="what_if"),
    path("evaluate/<slug:number>/evaluation-file/", reports.evaluation_file, name="evaluation_file"),
    path("evaluate/proposals/<uuid:pk>/letter/", texts.preview, name="letter_preview"),
    path("evaluate/proposals/<uuid:pk>/debrief/", texts.debrief, name="debrief_edit"),
    path("evaluate/<slug:number>/letters/", letters.letter_list, name="letter_list"),
    path("evaluate/<slug:number>/letters/words/<slug:outcome>/", texts.words, name="letter_words"),
    path("evaluate/<slug:number>/letters/<int:pk>/again/", letters.send_again, name="letter_again"),
    path("evaluate/<slug:number>/letters/<int:pk>/final/", awards.finish, name="award_final"),
    path("evaluate/<slug:number>/letters/<int:pk>/end/", awards.start_end, name="award_end"),
    path("evaluate/<slug:number>/ends/<int:pk>/confirm/", awards.confirm_end, name="award_end_confirm"),
    path("evaluate/<slug:number>/ends/<int:pk>/drop/", awards.drop_end, name="award_end_drop"),
    path("evaluate/<slug:number>/handoff/", handoff.handoff, name="handoff"),
    path("evaluate/<slug:number>/handoff/<slug:kind>/", handoff.export, name="handoff_export"),
    path("rfps/<slug:number>/awards/", awards.award_notices, name="award_notices"),
    path(
        "evaluate/<slug:number>/releases/<int:window>/<slug:lot>/start/",
        letters.start_release,
        name="release_start",
    ),
    path(
        "evaluate/<slug:number>/releases/<int:pk>/confirm/", letters.confirm_release, name="release_confirm"
    ),
    path("evaluate/<slug:number>/releases/<int:pk>/drop/", letters.drop_release, name="release_drop"),
    path("proposals/<uuid:pk>/decision/", supplier.outcome, name="outcome"),
    path("proposals/<uuid:pk>/decision/pdf/", reports.request_debrief, name="debrief_request"),
    path("evaluate/<slug:number>/minutes/<int:pk>/pdf/", reports.request_minutes, name="minutes_request"),
    path("evaluate/<slug:number>/reports/", reports.report_list, name="report_list"),
    path("evaluate/<slug:number>/reports/shortlist/", reports.request_shortlist, name="shortlist_request"),
    path("evaluate/<slug:number>/reports/lot/", reports.request_lot_report, name="lot_report_request"),
    path(
        "evaluate/<slug:number>/ranking/compare/pdf/", reports.request_comparison, name="comparison_request"
    ),
]
