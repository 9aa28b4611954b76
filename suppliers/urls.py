"""Addresses of a company's own pages, and of screening."""

from django.urls import path

from portal.web.bodies import takes_files
from suppliers.company.views import company, profile, team
from suppliers.qualification.views import directory, rulebook, standing, standings
from suppliers.screening.forms import LARGEST
from suppliers.screening.views import alerts, lists

app_name = "suppliers"

urlpatterns = [
    path("company/", company.home, name="company"),
    path("company/register/", company.register, name="register"),
    path("company/industries/", company.industries, name="industries"),
    path("company/<int:pk>/", company.overview, name="company_overview"),
    path("company/<int:pk>/edit/", company.edit, name="company_edit"),
    path("company/<int:pk>/standing/", standing.overview, name="standing_list"),
    path("company/<int:pk>/standing/<int:row>/", standing.detail, name="standing"),
    path("company/<int:pk>/statements/", standing.statements, name="statements"),
    path("company/<int:pk>/team/", team.team, name="team"),
    path("company/<int:pk>/team/<int:row>/level/", team.member_level, name="member_level"),
    path("company/<int:pk>/team/<int:row>/remove/", team.member_remove, name="member_remove"),
    path(
        "company/<int:pk>/team/invitations/<int:row>/withdraw/",
        team.invitation_withdraw,
        name="invitation_withdraw",
    ),
    path("company/<int:pk>/team/requests/<int:row>/", team.request_decide, name="request_decide"),
    path("invitations/<uuid:key>/", team.invitation, name="invitation"),
    path("company/<int:pk>/<slug:kind>/<int:row>/file/", company.part_file, name="part_file"),
    path("company/<int:pk>/<slug:kind>/add/", takes_files(profile.add), name="part_add"),
    path("company/<int:pk>/<slug:kind>/<int:row>/", takes_files(profile.edit), name="part_edit"),
    path("company/<int:pk>/<slug:kind>/<int:row>/delete/", profile.delete, name="part_delete"),
    path("screening/alerts/", alerts.alert_list, name="alert_list"),
    path("screening/alerts/export.<slug:kind>", alerts.alert_export, name="alert_export"),
    path("screening/alerts/<int:pk>/", alerts.alert_detail, name="alert_detail"),
    path("screening/alerts/<int:pk>/assign/", alerts.alert_assign, name="alert_assign"),
    path("screening/lists/", lists.list_index, name="list_index"),
    path("screening/lists/load/", takes_files(lists.list_load, most=LARGEST), name="list_load"),
    path("screening/lists/<int:pk>/", lists.list_detail, name="list_detail"),
    path("screening/lists/<int:pk>/preview/", lists.list_preview, name="list_preview"),
    path("screening/lists/<int:pk>/activate/", lists.list_activate, name="list_activate"),
    path("screening/runs/<int:pk>/", lists.run_progress, name="run_progress"),
    path("suppliers/", directory.supplier_list, name="supplier_list"),
    path("suppliers/export.<slug:kind>", directory.supplier_export, name="supplier_export"),
    path("suppliers/<int:pk>/", directory.supplier_detail, name="supplier_detail"),
    path("suppliers/standings/<int:pk>/", standings.standing_detail, name="standing_detail"),
    path("suppliers/findings/<int:pk>/", standings.standing_finding, name="standing_finding"),
    path("suppliers/waivers/", rulebook.waiver_list, name="waiver_list"),
    path("suppliers/waivers/export.<slug:kind>", rulebook.waiver_export, name="waiver_export"),
    path("suppliers/waivers/new/", rulebook.waiver_new, name="waiver_new"),
    path("suppliers/waivers/<int:pk>/withdraw/", rulebook.waiver_withdraw, name="waiver_withdraw"),
    path("suppliers/settings/", rulebook.settings_list, name="settings_list"),
    path("suppliers/settings/new/", rulebook.settings_new, name="settings_new"),
    path("suppliers/settings/<int:pk>/", rulebook.settings_detail, name="settings_detail"),
    path("suppliers/categories/", rulebook.category_list, name="category_list"),
    path("suppliers/categories/<slug:kind>/new/", rulebook.category_edit, name="category_new"),
    path("suppliers/categories/<slug:kind>/<int:pk>/", rulebook.category_edit, name="category_edit"),
]
