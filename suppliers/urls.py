"""Addresses of a company's own pages."""

from django.urls import path

from suppliers.views import company, profile

app_name = "suppliers"

urlpatterns = [
    path("company/", company.home, name="company"),
    path("company/register/", company.register, name="register"),
    path("company/<int:pk>/", company.overview, name="company_overview"),
    path("company/<int:pk>/edit/", company.edit, name="company_edit"),
    path("company/<int:pk>/certificates/<int:row>/file/", company.certificate_file, name="certificate_file"),
    path("company/<int:pk>/<slug:kind>/add/", profile.add, name="part_add"),
    path("company/<int:pk>/<slug:kind>/<int:row>/", profile.edit, name="part_edit"),
    path("company/<int:pk>/<slug:kind>/<int:row>/delete/", profile.delete, name="part_delete"),
]
