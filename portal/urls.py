"""Every route: each app brings its own `urls.py`; an app without one brings none."""

from importlib.util import find_spec

from django.conf import settings
from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path
from django.views.generic import RedirectView

from portal.accounts.views import access, accounts, countersign, factors, resets, sessions
from portal.api import views as tokens
from portal.api.schema import SpectacularJSONAPIView
from portal.letters import views as letters
from portal.record import views
from portal.web import pages

APPS = ("suppliers", "rfp", "scoring")

own: list[URLPattern] = [
    path("setup/accounts/", accounts.account_list, name="account_list"),
    path("setup/accounts/new/", accounts.account_new, name="account_new"),
    path("setup/accounts/<int:pk>/", accounts.account_edit, name="account_edit"),
    path("setup/accounts/<int:pk>/switch/", accounts.account_switch, name="account_switch"),
    path("setup/accounts/<int:pk>/reset/", resets.ask, name="factor_reset_ask"),
    path("setup/resets/", resets.reset_list, name="factor_reset_list"),
    path("setup/resets/<int:pk>/confirm/", resets.confirm, name="factor_reset_confirm"),
    path("setup/resets/<int:pk>/withdraw/", resets.withdraw, name="factor_reset_withdraw"),
    path("countersign/", countersign.countersign_list, name="countersign_list"),
    path("countersign/<int:pk>/", countersign.countersign, name="countersign"),
    path("account/sessions/", sessions.session_list, name="session_list"),
    path("account/sessions/<int:pk>/end/", sessions.session_end, name="session_end"),
    path("account/tokens/", tokens.token_list, name="token_list"),
    path("account/tokens/<int:pk>/revoke/", tokens.token_revoke, name="token_revoke"),
    path("api/schema.json", SpectacularJSONAPIView.as_view(), name="api_schema"),
    path("account/again/", factors.sign_in_again, name="sign_in_again"),
    path("account/two-step/", factors.two_step_page, name="two_step"),
    path("account/two-step/replace/", factors.replace, name="two_step_replace"),
    path("notices/", letters.notice_list, name="notice_list"),
    path("notices/read/", letters.notices_read, name="notices_read"),
    path("notices/settings/", letters.notice_settings, name="notice_settings"),
    path("notices/<int:pk>/", letters.notice, name="notice"),
    path("notices/<int:pk>/open/", letters.notice_open, name="notice_open"),
    path("audit/access/", access.access_list, name="access_list"),
    path("audit/", views.audit_list, name="audit_list"),
    path("audit/verify/", views.audit_verify, name="audit_verify"),
    path("accessibility/", pages.accessibility, name="accessibility"),
    path("about/", pages.about, name="about"),
]
if settings.DEVELOPMENT:
    # It shows everybody's letters, sign-in codes too: only on a developer's own machine.
    own.append(path("mail/", pages.mail_list, name="mail_list"))

urlpatterns: list[URLPattern | URLResolver] = [
    # Its own list of sessions ends none by itself; ours does.
    path(
        "accounts/sessions/",
        RedirectView.as_view(pattern_name="portal:session_list"),
        name="usersessions_list",
    ),
    # The last factor of a person who must have one stays.
    path(
        "accounts/2fa/webauthn/keys/<int:pk>/remove/",
        factors.RemovePasskey.as_view(),
        name="mfa_remove_webauthn",
    ),
    path("accounts/", include("allauth.urls")),
    path(f"{settings.ADMIN_PATH}/", admin.site.urls),
    path("", include((own, "portal"))),
    *(path("", include(f"{app}.urls")) for app in APPS if find_spec(f"{app}.urls")),
]
