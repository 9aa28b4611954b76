"""Settings, read from the environment. A value that makes no sense stops the start and names its variable.

ONSHORE_ENV is `production` (the default), `development` or `test`. Without DATABASE_URL and REDIS_URL the
embedded PostgreSQL and Valkey are used (portal/embedded/), at paths that follow from ONSHORE_HOME alone.
"""

import base64
import re
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Any

from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from kombu import Queue

from portal.api.configuration import *  # noqa: F403  (what the public reads: addresses, open data, the API)
from portal.embedded import place
from portal.frame.environment import databases, env, env_bool, env_choice, env_int, env_list, redis_url
from portal.frame.logs import logging_at
from portal.frame.queues import PUBLISH_ONCE_MORE, QUEUES, transport_options

BASE_DIR = Path(__file__).resolve().parent.parent


# --- Keys ----------------------------------------------------------------------------------------------------


def key(name: str, make: Callable[[], str]) -> str:
    """ONSHORE_<NAME>, else the 0600 file keys/<name> in ONSHORE_HOME, made on the first run."""
    value = env(f"ONSHORE_{name.upper()}")
    return value or place.secret_file(HOME / "keys" / name, make)


def key_bytes(name: str) -> bytes:
    """32 random bytes, written as URL-safe base64."""
    text = key(name, lambda: base64.urlsafe_b64encode(secrets.token_bytes(32)).decode())
    try:
        raw = base64.urlsafe_b64decode(text)
    except ValueError as problem:
        raise ImproperlyConfigured(f"ONSHORE_{name.upper()} is not base64.") from problem
    if len(raw) != 32:
        raise ImproperlyConfigured(
            f"ONSHORE_{name.upper()} must hold 32 bytes in base64; it holds {len(raw)}."
        )
    return raw


# --- Where and how we run ----------------------------------------------------------------------------------

ENVIRONMENT = env_choice("ONSHORE_ENV", ("production", "development", "test"), "production")
PRODUCTION, DEVELOPMENT = ENVIRONMENT == "production", ENVIRONMENT == "development"
DEBUG = DEVELOPMENT and env_bool("ONSHORE_DEBUG", False)  # Django's own pages for what is missing or fails

HOME = place.home()
SECRET_KEY = key("secret_key", lambda: secrets.token_urlsafe(64))
SECRET_KEY_FALLBACKS = env_list("ONSHORE_OLD_SECRET_KEYS")
FIELD_KEY = key_bytes("field_key")  # encrypts the few columns that must not be readable in a dump
SIGNING_KEY = key_bytes("signing_key")  # the Ed25519 private key, raw: signs heads of the audit chain

ALLOWED_HOSTS = env_list("ONSHORE_HOSTS") or ([] if PRODUCTION else ["localhost", "127.0.0.1", "[::1]"])
# `.example.gov` in ONSHORE_HOSTS means every name below it; the origins spell that with a star.
CSRF_TRUSTED_ORIGINS = [
    f"https://*{host}" if host.startswith(".") else f"https://{host}"
    for host in env_list("ONSHORE_HOSTS")
    if host != "*"
]
ADMIN_PATH = env("ONSHORE_ADMIN_PATH", "operate").strip("/")

ONSHORE_APPS = ["portal", "suppliers", "rfp", "scoring"]
INSTALLED_APPS = [
    "portal.apps.PortalConfig",
    "suppliers",
    "rfp",
    "scoring",
    "portal.apps.OperatorsConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "portal.apps.PortalStaticFilesConfig",
    "django.contrib.postgres",
    "django.contrib.humanize",
    "django.forms",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "axes",
    "crispy_forms",
    "crispy_bootstrap5",
    "csp",
    "django_htmx",
    "template_partials",
]

MIDDLEWARE = [
    "portal.kit.clients.ClientAddress",
    "portal.frame.health.Health",
    "portal.frame.outage.DatabaseAway",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "portal.web.compression.Compression",
    "csp.middleware.CSPMiddleware",
    "portal.frame.outage.KeptSessions",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "portal.web.bodies.BodyLimit",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "axes.middleware.AxesMiddleware",
    "portal.web.middleware.PrivatePages",
    "portal.web.middleware.InWords",
    "portal.web.middleware.StaffTwoStep",
]

ROOT_URLCONF = "portal.urls"
WSGI_APPLICATION = "portal.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "portal.web.context.jobs_delayed",
            ],
            # What most templates use; the others name what they load.
            "builtins": [
                "django.templatetags.static",
                "crispy_forms.templatetags.crispy_forms_filters",
                "crispy_forms.templatetags.crispy_forms_tags",
                "portal.templatetags.fields",
                "portal.templatetags.figures",
                "portal.templatetags.findings",
                "portal.templatetags.links",
                "portal.templatetags.rows",
                "portal.templatetags.sign_in",
                "portal.templatetags.states",
                "portal.templatetags.words",
                "scoring.templatetags.citing",
                "suppliers.templatetags.codes",
            ],
        },
    },
    {  # rows of long lists
        "BACKEND": "django.template.backends.jinja2.Jinja2",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {"environment": "portal.templatetags.rows.environment"},
    },
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
CRISPY_ALLOWED_TEMPLATE_PACKS = "bootstrap5"
CRISPY_TEMPLATE_PACK = "bootstrap5"

# --- Database, cache, jobs ---------------------------------------------------------------------------------

# Web, workers and most commands connect as the app's role, which owns nothing; `migrate` as the owner: roles.py.
APP_DATABASE, OWNER_DATABASE = databases(place.database_url, place.owner_url)
DATABASES = {
    "default": {
        **APP_DATABASE,
        "ATOMIC_REQUESTS": False,
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = env("REDIS_URL") or place.redis_url()
# How long Redis is waited for before it counts as down, in seconds.
BROKER_PATIENCE = env_int("ONSHORE_BROKER_MS", 500, least=1) / 1000
CACHES = {
    "default": {
        "BACKEND": "portal.frame.cache.SoftRedisCache",
        "LOCATION": redis_url(REDIS_URL, db=1),
        "OPTIONS": {
            "serializer": "portal.frame.cache.JSONSerializer",
            "socket_connect_timeout": 2 * BROKER_PATIENCE,
            "socket_timeout": 2 * BROKER_PATIENCE,
        },
    }
}

CELERY_BROKER_URL = redis_url(REDIS_URL, db=0, celery=True)
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_SERIALIZER = "json"
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_QUEUES = [Queue(name, routing_key=name) for name in QUEUES]
CELERY_TASK_ROUTES = ["portal.frame.jobs.route"]
CELERY_TASK_DEFAULT_QUEUE = "bulk"  # Celery's own tasks
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TIMEZONE = "UTC"
# How far below the web server's priority workers run: 0 is the same, 19 the lowest.
WORKER_NICE = env_int("ONSHORE_WORKER_NICE", 10)
CELERY_TASK_TIME_LIMIT = env_int("ONSHORE_TASK_SECONDS", 900, least=10)
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
# Longer than the longest task: what a dead worker held comes back after this time. Without a broker a
# request waits a second at most; the row says `queued` and the sweep enqueues it later.
VISIBILITY_TIMEOUT = env_int("ONSHORE_VISIBILITY_TIMEOUT", 3600, least=1)
CELERY_BROKER_TRANSPORT_OPTIONS = transport_options(VISIBILITY_TIMEOUT, patience=BROKER_PATIENCE)
CELERY_TASK_PUBLISH_RETRY_POLICY = PUBLISH_ONCE_MORE
CELERY_BEAT_SCHEDULE: dict[str, Any] = {}  # filled from each app's schedule.py: portal/celery.py
CELERY_BEAT_SCHEDULE_FILENAME = str(HOME / "beat")

# --- People ------------------------------------------------------------------------------------------------

AUTH_USER_MODEL = "portal.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "portal.accounts.backends.Backend",
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_LOGOUT_REDIRECT_URL = "/"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_USER_MODEL_EMAIL_FIELD = "email"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_FORMS = {"signup": "portal.accounts.forms.signup.SignupForm"}
ACCOUNT_SIGNUP_FORM_CLASS = "portal.accounts.forms.people.NameForm"
ACCOUNT_ADAPTER = "portal.accounts.adapters.AccountAdapter"
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_PASSWORD_RESET_BY_CODE_ENABLED = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = "[Onshore] "
ACCOUNT_PREVENT_ENUMERATION = True
# A whole town's suppliers may come from one address, so those limits only stop machines. What is counted by name or
# by account stays low; wrong passwords are counted by guard.py.
ACCOUNT_RATE_LIMITS = {
    "login": None,
    "login_failed": None,
    "signup": "120/m/ip",
    "request_login_code": "600/m/ip,3/m/key",
    "reset_password": "120/m/ip,5/m/key",
    "reset_password_from_key": "120/m/ip",
}
# Whoever changes an address or a factor has shown within this time who it is.
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_REAUTHENTICATION_TIMEOUT = 15 * 60
# `required`: staff see nothing before their second step stands; `offered`: a banner reminds them. Suppliers choose.
STAFF_MFA = env_choice("ONSHORE_STAFF_MFA", ("required", "offered"), "required" if PRODUCTION else "offered")
MFA_ADAPTER = "portal.accounts.adapters.MFAAdapter"
MFA_FORMS = {
    "authenticate": "portal.accounts.forms.codes.AuthenticateForm",
    "reauthenticate": "portal.accounts.forms.codes.ReauthenticateForm",
}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_TOTP_ISSUER = "Onshore"
MFA_TOTP_TOLERANCE = 1  # half a minute early or late: RFC 6238, section 5.2

# Wrong passwords: guard.py decides, django-axes asks it.
LOGIN_FAILURES = env_int("ONSHORE_LOGIN_FAILURES", 8, least=3)
ADDRESS_FAILURES = env_int("ONSHORE_ADDRESS_FAILURES", 2000, least=100)
AXES_HANDLER = "portal.accounts.guard.Handler"
AXES_USERNAME_CALLABLE = "portal.accounts.guard.name_of"
AXES_CLIENT_IP_CALLABLE = "portal.kit.clients.address_of"
AXES_LOCKOUT_CALLABLE = "portal.accounts.guard.locked"
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False  # a pause ends when it was said to end
AXES_VERBOSE = False

# --- Safety ------------------------------------------------------------------------------------------------

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
# In the database alone: people stay signed in when Redis is down, and an ended session is ended everywhere.
SESSION_ENGINE = "portal.people.sessions"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = env_int("ONSHORE_SESSION_SECONDS", 12 * 3600, least=300)
CSRF_COOKIE_HTTPONLY = True
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
HTTPS = env_bool("ONSHORE_HTTPS", PRODUCTION)
SECURE_SSL_REDIRECT = HTTPS
SESSION_COOKIE_SECURE = HTTPS
CSRF_COOKIE_SECURE = HTTPS
SECURE_HSTS_SECONDS = env_int("ONSHORE_HSTS_SECONDS", 365 * 24 * 3600) if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
SECURE_HSTS_PRELOAD = HTTPS
# How many proxies stand in front: clients.py takes the client's address from what they say, Django the scheme.
PROXIES = env_int("ONSHORE_PROXIES", 0)
if PROXIES:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
if env("ONSHORE_BEHIND_PROXY"):
    raise ImproperlyConfigured("ONSHORE_BEHIND_PROXY is now ONSHORE_PROXIES, the number of proxies in front.")

# --- Files -------------------------------------------------------------------------------------------------

# Private: no URL leads here. Downloads go through a view that asks who may see the file.
MEDIA_ROOT = HOME / "files"
MEDIA_URL = ""
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 20_000
UPLOAD_MAX_BYTES = env_int("ONSHORE_UPLOAD_MB", 25, least=1) * 1024 * 1024

# ClamAV's daemon; without it files are not scanned. UPLOADS and DRAFTS are what one company may have.
CLAMD = env("ONSHORE_CLAMD")
if CLAMD and not re.fullmatch(r"unix:///\S+|[^\s:]+:\d{1,5}", CLAMD):
    raise ImproperlyConfigured("ONSHORE_CLAMD must look like unix:///run/clamav/clamd.ctl or host:3310.")
COMPANY_UPLOAD_BYTES = env_int("ONSHORE_COMPANY_UPLOAD_MB", 2000, least=50) * 1024 * 1024
COMPANY_DRAFTS = env_int("ONSHORE_COMPANY_DRAFTS", 50, least=1)  # on one RFP
ACCESS_LOG_DAYS = env_int("ONSHORE_ACCESS_LOG_DAYS", 400, least=30)

STATIC_URL = "static/"
STATIC_ROOT = Path(env("ONSHORE_STATIC_ROOT", str(BASE_DIR / "staticfiles")))
NODE_MODULES = BASE_DIR / "node_modules"
STATICFILES_DIRS = [
    BASE_DIR / "static",
    *(
        (prefix, NODE_MODULES / folder)
        for prefix, folder in (
            ("bootstrap", "bootstrap/dist/css"),
            ("icons", "bootstrap-icons/icons"),
            ("public-sans", "@fontsource-variable/public-sans"),
        )
        if (NODE_MODULES / folder).is_dir()
    ),
]
# Documents are for the portal's own user alone; style sheets are for whoever serves them, and collected by whoever
# installs them, whatever the umask.
STORAGES = {
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"file_permissions_mode": 0o600, "directory_permissions_mode": 0o700},
    },
    "staticfiles": {
        "BACKEND": "portal.web.collected.CollectedFiles"
        if PRODUCTION
        else "django.contrib.staticfiles.storage.StaticFilesStorage",
        "OPTIONS": {"file_permissions_mode": 0o644, "directory_permissions_mode": 0o755},
    },
}
WHITENOISE_USE_FINDERS = not PRODUCTION
WHITENOISE_SKIP_COMPRESS_EXTENSIONS = ("woff", "woff2", "png", "jpg", "gif", "webp", "gz", "br", "svg", "map")
WHITENOISE_AUTOREFRESH = DEVELOPMENT

# --- Mail, language, log -----------------------------------------------------------------------------------

EMAIL_BACKEND = env(
    "ONSHORE_EMAIL_BACKEND",
    {
        "production": "django.core.mail.backends.smtp.EmailBackend",
        "development": "django.core.mail.backends.filebased.EmailBackend",
        "test": "django.core.mail.backends.locmem.EmailBackend",
    }[ENVIRONMENT],
)
EMAIL_FILE_PATH = str(HOME / "mail")
EMAIL_HOST = env("ONSHORE_EMAIL_HOST", "localhost")
EMAIL_PORT = env_int("ONSHORE_EMAIL_PORT", 25, least=1)
EMAIL_HOST_USER = env("ONSHORE_EMAIL_USER")
EMAIL_HOST_PASSWORD = env("ONSHORE_EMAIL_PASSWORD")
EMAIL_USE_TLS = env_bool("ONSHORE_EMAIL_TLS", False)
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env("ONSHORE_EMAIL_FROM", "Onshore <no-reply@localhost>")
SERVER_EMAIL = DEFAULT_FROM_EMAIL

LANGUAGE_CODE = "en-us"
TIME_ZONE = "UTC"
USE_TZ = True
USE_I18N = True

LOG_LEVEL = env_choice("ONSHORE_LOG_LEVEL", ("DEBUG", "INFO", "WARNING", "ERROR"), "INFO")
LOGGING = logging_at(LOG_LEVEL)
