"""Addresses of RFPs and proposals."""

from django.urls import path

from portal.web.bodies import takes_files
from rfp.admitting.urls import urlpatterns as admitting_urls
from rfp.amending.urls import urlpatterns as amending_urls
from rfp.api import views as api
from rfp.asking.views import advice, answering
from rfp.asking.views import public as questions
from rfp.controlled.urls import urlpatterns as controlled_urls
from rfp.curing.urls import urlpatterns as curing_urls
from rfp.drafting.views import bom, documents, drafts, offline, proposals, public, submission
from rfp.events.urls import urlpatterns as events_urls
from rfp.facing.urls import urlpatterns as facing_urls
from rfp.facing.views import rfps
from rfp.opendata.urls import urlpatterns as opendata_urls
from rfp.setup_urls import urlpatterns as setup_urls

app_name = "rfp"

urlpatterns = [
    path("", rfps.home, name="home"),
    *setup_urls,
    *admitting_urls,
    *controlled_urls,
    *events_urls,
    *amending_urls,
    *opendata_urls,
    *facing_urls,
    path("api/rfps/", api.RfpList.as_view(), name="api_rfps"),
    path("api/rfps/<slug:number>/", api.RfpDetail.as_view(), name="api_rfp"),
    path("api/proposals/", api.ProposalList.as_view(), name="api_proposals"),
    path("api/proposals/<uuid:pk>/", api.ProposalDetail.as_view(), name="api_proposal"),
    *curing_urls,
    path("rules/", public.rules, name="rules"),
    path("rfps/", rfps.solicitation_list, name="solicitation_list"),
    path("rfps/<slug:number>/", public.solicitation_detail, name="solicitation_detail"),
    path(
        "rfps/<slug:number>/documents/<int:pk>/", public.solicitation_document, name="solicitation_document"
    ),
    path("rfps/<slug:number>/questions/", questions.question_list, name="question_list"),
    path("rfps/<slug:number>/questions/ask/", questions.ask, name="question_ask"),
    path("rfps/<slug:number>/questions/to-answer/", answering.question_queue, name="question_queue"),
    path("rfps/<slug:number>/questions.<slug:kind>", questions.question_export, name="question_export"),
    path("questions/<int:pk>/", answering.question_detail, name="question_detail"),
    path("questions/<int:pk>/merge/<int:into>/", answering.question_merge, name="question_merge"),
    path("questions/<int:pk>/separate/", answering.question_separate, name="question_separate"),
    path("questions/<int:pk>/advice/", advice.question_advice, name="question_advice"),
    path("advice/<int:pk>/", advice.advice, name="advice"),
    path("advice/<int:pk>/use/", advice.advice_take, name="advice_take"),
    path("rfps/<slug:number>/lots/<str:code>/", public.lot_detail, name="lot_detail"),
    path("rfps/<slug:number>/lots/<str:code>/start/", proposals.start, name="proposal_start"),
    path("proposals/", proposals.proposal_list, name="proposal_list"),
    path("proposals/<uuid:pk>/", proposals.detail, name="proposal_detail"),
    path("proposals/<uuid:pk>/progress/", proposals.progress, name="proposal_progress"),
    path("proposals/<uuid:pk>/revisions/<int:number>/", proposals.revision, name="proposal_revision"),
    path("proposals/<uuid:pk>/files/<int:attachment>/", documents.download, name="attachment"),
    path("proposals/<uuid:pk>/edit/", drafts.edit, name="draft"),
    path("proposals/bom-template.xlsx", bom.template, name="bom_template"),
    path("proposals/<uuid:pk>/edit/bom/upload/", takes_files(bom.upload), name="bom_upload"),
    path("proposals/<uuid:pk>/edit/bom/share/", bom.share, name="bom_share"),
    path("proposals/<uuid:pk>/edit/bom/<uuid:document>/", bom.preview, name="bom_preview"),
    path("proposals/<uuid:pk>/edit/documents/", takes_files(documents.section), name="draft_documents"),
    path("proposals/<uuid:pk>/edit/documents/<int:attachment>/remove/", documents.remove, name="detach"),
    path("proposals/<uuid:pk>/edit/attestation/", submission.attestation, name="draft_attestation"),
    path("proposals/<uuid:pk>/edit/offline/", takes_files(offline.upload), name="offline"),
    path("proposals/<uuid:pk>/questionnaire.<slug:kind>", offline.questionnaire, name="questionnaire"),
    path("proposals/<uuid:pk>/edit/<slug:key>/", drafts.section, name="draft_section"),
    path("proposals/<uuid:pk>/submit/", submission.submit, name="proposal_submit"),
    path("proposals/<uuid:pk>/revise/", submission.revise, name="proposal_revise"),
    path("proposals/<uuid:pk>/withdraw/", submission.withdraw, name="proposal_withdraw"),
]
