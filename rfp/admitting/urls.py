"""Addresses of who may see an RFP and what companies say before they respond."""

from django.urls import URLPattern, path

from rfp.admitting.views import admin, suppliers

urlpatterns: list[URLPattern] = [
    path("setup/<int:pk>/access/", admin.setup_access, name="setup_access"),
    path("setup/<int:pk>/access/invite/", admin.invite, name="access_invite"),
    path("setup/<int:pk>/access/codes/", admin.make_code, name="access_code_make"),
    path("setup/<int:pk>/access/codes/<int:code>/end/", admin.end_code, name="access_code_end"),
    path("access-code/", suppliers.use_code, name="access_code"),
    path("rfps/<slug:number>/intent/", suppliers.intent, name="intent"),
    path("rfps/<slug:number>/agreement/", suppliers.nda, name="nda"),
]
