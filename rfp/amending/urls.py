"""Addresses of addenda: where admins write them, where everyone reads them, where suppliers reconfirm."""

from django.urls import URLPattern, path

from rfp.amending.views import admin, ending, from_question, public, reconfirm, verbs

AT = "setup/<int:pk>/addenda/"
ONE = f"{AT}<int:number>/"

urlpatterns: list[URLPattern] = [
    path(AT, admin.addendum_list, name="addendum_list"),
    path(ONE, admin.addendum, name="addendum"),
    path(f"{ONE}add/", admin.addendum_add, name="addendum_add"),
    path(f"{ONE}change/<slug:kind>/<str:subject>/", admin.addendum_change, name="addendum_change"),
    path(f"{ONE}changes/<int:change>/remove/", admin.addendum_remove, name="addendum_remove"),
    path(f"{ONE}propose/", verbs.addendum_propose, name="addendum_propose"),
    path(f"{ONE}take-back/", verbs.addendum_take_back, name="addendum_take_back"),
    path(f"{ONE}publish/", verbs.addendum_publish, name="addendum_publish"),
    path(f"{ONE}discard/", verbs.addendum_discard, name="addendum_discard"),
    path("questions/<int:pk>/addendum/", from_question.addendum_for_question, name="addendum_for_question"),
    path("setup/<int:pk>/end/", ending.solicitation_end, name="solicitation_end"),
    path("rfps/<slug:number>/versions/<int:version>/", public.version, name="rfp_version"),
    path("rfps/<slug:number>/changes/", public.changes, name="rfp_changes"),
    path("proposals/<uuid:pk>/reconfirm/", reconfirm.reconfirm, name="proposal_reconfirm"),
]
