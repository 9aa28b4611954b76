"""Addresses of a company's own pages, and of screening."""

from django.urls import path

from suppliers.views import company, profile, screening

app_name = "suppliers"

urlpatterns = [
    path("company/", company.home, name="company"),
    path("company/register/", company.register, name="register"),
    path("company/<int:pk>/", company.overview, name="company_overview"),
    path("company/<int:pk>/edit/", company.edit, name="company_edit"),
    path("company/<int:pk>/<slug:kind>/<int:row>/file/", company.part_file, name="part_file"),
    path("company/<int:pk>/<slug:kind>/add/", profile.add, name="part_add"),
    path("company/<int:pk>/<slug:kind>/<int:row>/", profile.edit, name="part_edit"),
    path("company/<int:pk>/<slug:kind>/<int:row>/delete/", profile.delete, name="part_delete"),
    path("screening/alerts/", screening.alert_list, name="alert_list"),
    path("screening/alerts/<int:pk>/", screening.alert_detail, name="alert_detail"),
    path("screening/lists/", screening.list_index, name="list_index"),
    path("screening/lists/load/", screening.list_load, name="list_load"),
    path("screening/lists/<int:pk>/", screening.list_detail, name="list_detail"),
    path("screening/lists/<int:pk>/activate/", screening.list_activate, name="list_activate"),
    path("screening/runs/<int:pk>/", screening.run_progress, name="run_progress"),
]
