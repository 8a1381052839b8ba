"""Settings, read from the environment; a wrong or missing value stops the start with a clear word."""

from __future__ import annotations

import sys
import tomllib
from pathlib import Path
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.templatetags.static import static
from django.utils.translation import gettext_lazy as _

from mpp import environment

BASE_DIR = Path(__file__).resolve().parent.parent

environment.read_file(BASE_DIR / ".env")

# Pages of devices stay open for months: they compare it, and load themselves again after an update.
VERSION: str = tomllib.loads((BASE_DIR / "pyproject.toml").read_text("utf-8"))["project"]["version"]

# --- Which kind of running this is ------------------------------------------------------------
DEMO: bool = environment.flag("MPP_DEMO", False)
TESTING = "pytest" in sys.modules
LOAD_TEST: bool = environment.flag("LOAD_TEST", False)
if LOAD_TEST and not DEMO:
    raise ImproperlyConfigured("LOAD_TEST=1 hanya untuk demo: tanpa batas permintaan dan kuota.")
OPEN_REAL_HOURS: bool = environment.choice("OPEN", "", frozenset({"", "real"})) == "real"
DEBUG = False

SECRET_KEY: str = environment.text("SECRET_KEY")
SECRET_KEY_FALLBACKS: list[str] = environment.words("SECRET_KEY_FALLBACKS", [])
# Links to numbers follow from this key; rotating SECRET_KEY must not change them.
TOKEN_KEY: str = environment.text("TOKEN_KEY", SECRET_KEY)

HTTPS: bool = environment.flag("HTTPS", not (DEMO or TESTING))
ALLOWED_HOSTS: list[str] = environment.words("ALLOWED_HOSTS", ["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS: list[str] = environment.words("CSRF_TRUSTED_ORIGINS", [])
# The public address that slips and screens print into QR codes; empty: the address of the request.
PUBLIC_URL: str = environment.text("PUBLIC_URL", "").rstrip("/")

# --- Applications -----------------------------------------------------------------------------
INSTALLED_APPS = [
    "unfold.apps.BasicAppConfig",
    "unfold.contrib.filters",
    "unfold.contrib.import_export",
    "unfold.contrib.simple_history",
    "mpp.dashboard.apps.PortalAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.contrib.sitemaps",
    "django.contrib.postgres",
    "django_htmx",
    "pgtrigger",
    "simple_history",
    "import_export",
    "rest_framework",
    "django_filters",
    "drf_spectacular",
    "mpp.core",
    "mpp.live",
    "mpp.notifications",
    "tenants",
    "services",
    "queueing",
    "agreements",
    "mpp.packs",
    "mpp.demo",
    "mpp.dashboard",
]

MIDDLEWARE = [
    "mpp.core.middleware.EntranceMiddleware",
    # A weak signal also reaches portals that have no compressing proxy; Django pads against BREACH.
    "django.middleware.gzip.GZipMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "mpp.core.middleware.SecurityHeadersMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "simple_history.middleware.HistoryRequestMiddleware",
    "mpp.core.language.LanguageMiddleware",
    "mpp.core.middleware.MallMiddleware",
    "mpp.core.middleware.RefusalMiddleware",
    "queueing.middleware.ScreenLockMiddleware",
]

ROOT_URLCONF = "mpp.urls"
WSGI_APPLICATION = "mpp.wsgi.application"
ASGI_APPLICATION = "mpp.asgi.application"

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {
            "loaders": [
                (
                    "mpp.core.template_loader.Loader",
                    [
                        "django.template.loaders.filesystem.Loader",
                        "django.template.loaders.app_directories.Loader",
                    ],
                )
            ],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "mpp.core.context.mall",
                "services.context.mall_week",
                "services.context.mall_guide",
            ],
        },
    },
]

# --- PostgreSQL: the only database --------------------------------------------------------------
DATABASES = {"default": environment.database("DATABASE_URL")}
DATABASES["default"].update(
    ATOMIC_REQUESTS=False,
    CONN_MAX_AGE=environment.number("DB_CONN_MAX_AGE", 600),
    CONN_HEALTH_CHECKS=True,
    TEST={"NAME": environment.text("TEST_DATABASE_NAME", "test_mpp")},
)
DATABASES["default"].setdefault("OPTIONS", {})
# A URL with ?host=/socket/directory is libpq's own form; Django wants it in HOST.
for _name in ("host", "port"):
    if _name in DATABASES["default"]["OPTIONS"]:
        DATABASES["default"][_name.upper()] = DATABASES["default"]["OPTIONS"].pop(_name)
DATABASES["default"]["ENGINE"] = "mpp.core.postgresql"
_longest = environment.number("DB_STATEMENT_TIMEOUT_MS", 4000)
DATABASES["default"]["OPTIONS"].update(
    connect_timeout=2,
    # A server that no longer keeps its own limit has stopped.
    patience=_longest / 1000 + 0.5 if _longest else None,
    # A hung statement or a forgotten transaction must not hold a counter's row (trust.md S-092).
    options=(
        f"-c statement_timeout={_longest} -c lock_timeout=3000"
        f" -c idle_in_transaction_session_timeout={10_000 if _longest else 0}"
    ),
)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- Redis: Celery, cache and rate limits; never on the way of a number -------------------------
REDIS_URL: str = environment.url("REDIS_URL", frozenset({"redis", "rediss", "unix"}))
CACHES = {
    "default": {
        "BACKEND": "mpp.core.cache.ForgivingRedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "mpp",
        "OPTIONS": {
            "serializer": "mpp.core.cache.JSONSerializer",
            # A Redis nearby answers in a millisecond; one that hangs costs its first asker this long.
            "socket_timeout": 0.1,
            "socket_connect_timeout": 0.1,
        },
    },
}

# Kombu names a unix socket differently from redis-py.
CELERY_BROKER_URL = REDIS_URL.replace("unix://", "redis+socket://").replace("?db=", "?virtual_host=")
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 120,
    "unacked_restore_interval": 5,
    "unacked_restore_throttle": 1,
    "socket_timeout": 5,
    "socket_connect_timeout": 1,
}
CELERY_TIMEZONE = "UTC"
CELERY_ENABLE_UTC = True

# --- Messages to people: each channel comes with its secrets (docs/operasi/pesan.md) -------------
NOTIFICATION_CHANNELS = {"console": "mpp.notifications.channels.console.Console"}

WHATSAPP_URL: str = environment.text("WHATSAPP_URL", "https://graph.facebook.com/v24.0").rstrip("/")
WHATSAPP_PHONE_ID: str = environment.text("WHATSAPP_PHONE_ID", "")
WHATSAPP_TOKEN: str = environment.text("WHATSAPP_TOKEN", "")
WHATSAPP_APP_SECRET: str = environment.text("WHATSAPP_APP_SECRET", "")
WHATSAPP_VERIFY_TOKEN: str = environment.text("WHATSAPP_VERIFY_TOKEN", "")
FONNTE_URL: str = environment.text("FONNTE_URL", "https://api.fonnte.com/send")
FONNTE_TOKEN: str = environment.text("FONNTE_TOKEN", "")
FONNTE_WEBHOOK_KEY: str = environment.text("FONNTE_WEBHOOK_KEY", "")
if FONNTE_TOKEN:
    NOTIFICATION_CHANNELS["whatsapp"] = "mpp.notifications.channels.fonnte.Fonnte"
if WHATSAPP_TOKEN and WHATSAPP_PHONE_ID:
    NOTIFICATION_CHANNELS["whatsapp"] = "mpp.notifications.channels.whatsapp.WhatsAppCloud"

SMS_URL: str = environment.text("SMS_URL", "")
SMS_METHOD: str = environment.choice("SMS_METHOD", "POST", frozenset({"GET", "POST"}))
SMS_CONTENT_TYPE: str = environment.choice(
    "SMS_CONTENT_TYPE",
    "application/json",
    frozenset({"application/json", "application/x-www-form-urlencoded"}),
)
SMS_BODY: str = environment.text("SMS_BODY", '{"to": "{to}", "text": "{text}"}')
SMS_HEADERS: dict[str, str] = environment.pairs("SMS_HEADERS", {})
# What an accepting answer contains, for gateways that answer 200 to everything.
SMS_ACCEPTED: str = environment.text("SMS_ACCEPTED", "")
SMS_ID_FIELD: str = environment.text("SMS_ID_FIELD", "id")
SMS_WEBHOOK_KEY: str = environment.text("SMS_WEBHOOK_KEY", "")
SMS_FIELDS: dict[str, str] = {"number": "id", "state": "status", "sender": "from", "text": "text"}
SMS_FIELDS |= environment.pairs("SMS_FIELDS", {}, frozenset(SMS_FIELDS))
if SMS_URL:
    NOTIFICATION_CHANNELS["sms"] = "mpp.notifications.channels.sms.HttpSms"

EMAIL_URL: str = environment.text("EMAIL_URL", "")
EMAIL_FROM: str = environment.text("EMAIL_FROM", "")
if EMAIL_URL:
    _mail = environment.email(EMAIL_URL)
    EMAIL_BACKEND = _mail["EMAIL_BACKEND"]
    EMAIL_HOST, EMAIL_PORT = _mail["EMAIL_HOST"], _mail["EMAIL_PORT"]
    EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = _mail["EMAIL_HOST_USER"], _mail["EMAIL_HOST_PASSWORD"]
    EMAIL_USE_TLS, EMAIL_USE_SSL = _mail.get("EMAIL_USE_TLS", False), _mail.get("EMAIL_USE_SSL", False)
    NOTIFICATION_CHANNELS["email"] = "mpp.notifications.channels.mail.Mail"

# Whom a push service may write to; set, the browser's own messages are offered.
VAPID_CONTACT: str = environment.text("VAPID_CONTACT", "")
# Where browsers may be reached: nothing else that a subscription names is ever called (trust.md T-09).
PUSH_SERVICES: list[str] = environment.words(
    "PUSH_SERVICES",
    [
        "fcm.googleapis.com",
        "updates.push.services.mozilla.com",
        "*.notify.windows.com",
        "*.push.apple.com",
    ],
)
if VAPID_CONTACT:
    NOTIFICATION_CHANNELS["push"] = "mpp.notifications.channels.web_push.WebPush"

# For a number that was left without a choice; empty: the first that there is.
NOTIFICATION_CHANNEL: str = environment.choice(
    "NOTIFICATION_CHANNEL", "", frozenset({"", *NOTIFICATION_CHANNELS} - {"email", "push"})
)

# --- People -----------------------------------------------------------------------------------
AUTH_USER_MODEL = "tenants.User"
AUTHENTICATION_BACKENDS = ["tenants.permissions.RoleBackend"]
LOGIN_URL = "sign-in"
LOGIN_REDIRECT_URL = "after-sign-in"
LOGOUT_REDIRECT_URL = "home"
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
SESSION_ENGINE = "django.contrib.sessions.backends.db"
SESSION_COOKIE_AGE = 12 * 60 * 60
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "mpp.core.views.csrf_failure"
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

# --- Security -----------------------------------------------------------------------------------
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_SECURE = HTTPS
CSRF_COOKIE_SECURE = HTTPS
if HTTPS:
    SESSION_COOKIE_NAME = "__Host-sessionid"
    CSRF_COOKIE_NAME = "__Host-csrftoken"
    SECURE_SSL_REDIRECT = True
    SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
    SECURE_HSTS_SECONDS = environment.number("HSTS_SECONDS", 31_536_000)
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = environment.flag("HSTS_PRELOAD", True)
    if environment.flag("BEHIND_PROXY", True):
        SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
# How many proxies of our own stand in front: the address of a visitor is counted from the right.
TRUSTED_PROXIES: int = environment.number("TRUSTED_PROXIES", 0)

# Nothing from elsewhere, and no script or style that is written into a page.
_POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data:",
    "font-src": "'self'",
    "connect-src": "'self'",
    "manifest-src": "'self'",
    "worker-src": "'self'",
    "media-src": "'self'",
    "form-action": "'self'",
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
    "object-src": "'none'",
}
# Unfold's Alpine needs these two, on /admin/ only (mpp.core.middleware).
_ADMIN_POLICY = _POLICY | {"script-src": "'self' 'unsafe-eval'", "style-src": "'self' 'unsafe-inline'"}
CONTENT_SECURITY_POLICY = "; ".join(map(" ".join, _POLICY.items()))
ADMIN_CONTENT_SECURITY_POLICY = "; ".join(map(" ".join, _ADMIN_POLICY.items()))

# --- Language, time, files ------------------------------------------------------------------------
LANGUAGE_CODE = "id"
LANGUAGES = [("id", "Bahasa Indonesia"), ("en", "English")]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
USE_TZ = True
# The mall's own zone is a row; MallMiddleware, tasks and commands activate it.
TIME_ZONE = "Asia/Makassar"
USE_THOUSAND_SEPARATOR = True

STATIC_URL = "static/"
# The demo serves straight from the source folders: no collectstatic before the first page.
STATIC_ROOT: Path | None = None if DEMO or TESTING else BASE_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEMO or TESTING
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
WHITENOISE_ALLOW_ALL_ORIGINS = False
WHITENOISE_USE_FINDERS = DEMO or TESTING
WHITENOISE_MAX_AGE = 3600 if DEMO else 60
# Uploaded files; never under an address of their own, only through a view that knows what they are.
MEDIA_ROOT = Path(environment.text("MEDIA_ROOT", str(BASE_DIR / ("var/test-media" if TESTING else "media"))))
# clamd, as unix:///run/clamav/clamd.ctl or tcp://scanner:3310; set, no paper is kept that it has not seen.
SCANNER_URL: str = environment.text("SCANNER_URL", "")
if SCANNER_URL:
    environment.url("SCANNER_URL", frozenset({"unix", "tcp"}))
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
INSTALLED_APPS.append("django.forms")
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_621_440
DATA_UPLOAD_MAX_NUMBER_FIELDS = 1000

# --- API ----------------------------------------------------------------------------------------
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "tenants.api.authentication.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["mpp.core.api.PlainJSONParser"],
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_PAGINATION_CLASS": "mpp.core.api.Pages",
    "DEFAULT_SCHEMA_CLASS": "mpp.core.api_schema.Operation",
    "DEFAULT_THROTTLE_CLASSES": ["mpp.core.api.ScopedThrottle"],
    "DEFAULT_THROTTLE_RATES": {
        "read": "600/min",
        "issue": "30/min",
        "officer": "600/min",
        # An office of forty signs in at eight from one address; tries are limited by tenants.SignInAttempt.
        "sign-in": "120/min",
    },
    "EXCEPTION_HANDLER": "mpp.core.api.exception_handler",
    "NUM_PROXIES": TRUSTED_PROXIES,
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Portal MPP",
    "DESCRIPTION": _("Layanan, antrean, dan nomor satu Mal Pelayanan Publik."),
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": "/api/v1",
    # Two fields of one name with different words need names of their own.
    "ENUM_NAME_OVERRIDES": {
        "AgencyKind": "tenants.enums.AgencyKind",
        "AgencyStatus": "tenants.enums.AgencyStatus",
        "ServiceKind": "services.enums.ServiceKind",
        "FeeKind": "services.enums.FeeKind",
        "Openness": "services.enums.Openness",
        "TicketState": "queueing.enums.TicketState",
        "Channel": "queueing.enums.Channel",
        "Priority": "queueing.enums.Priority",
    },
}

# --- Admin --------------------------------------------------------------------------------------
UNFOLD = {
    "SITE_TITLE": _("Portal MPP"),
    "SITE_HEADER": _("Portal MPP"),
    "SITE_FAVICONS": [{"rel": "icon", "type": "image/svg+xml", "href": "/static/img/favicon.svg"}],
    "STYLES": [lambda _request: static("css/admin.css")],
    "SHOW_HISTORY": True,
    "SHOW_VIEW_ON_SITE": True,
    "ENVIRONMENT": "mpp.dashboard.admin_site.environment_label",
    "DASHBOARD_CALLBACK": "mpp.dashboard.home.dashboard",
    "SIDEBAR": {"show_search": True, "navigation": "mpp.dashboard.navigation.navigation"},
}
IMPORT_EXPORT_USE_TRANSACTIONS = True
IMPORT_EXPORT_ESCAPE_FORMULAE_ON_EXPORT = True

# --- Logs ---------------------------------------------------------------------------------------
LOG_LEVELS = frozenset({"DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"})
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": environment.choice("LOG_LEVEL", "INFO", LOG_LEVELS)},
    "loggers": {
        "django.request": {"level": "ERROR"},
        "httpx": {"level": "WARNING"},
    },
}
