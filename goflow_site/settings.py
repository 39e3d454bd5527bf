"""Settings, all from the environment; `.env.example` lists what there is."""

from __future__ import annotations

import secrets
from ipaddress import ip_network
from pathlib import Path

import environ
import pymysql
from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()
environ.Env.read_env(str(BASE_DIR / ".env"))

# PyMySQL stands in for mysqlclient, which has no Linux wheel.
pymysql.install_as_MySQLdb()

DEBUG = env.bool("DEBUG", default=False)
DATA_DIR = Path(env.str("GOFLOW_DATA_DIR", default=str(BASE_DIR / "var")))
DATA_DIR.mkdir(parents=True, exist_ok=True)

# A server needs a key that outlives it and that its other processes share; a command line does not.
SECRET_KEY = env.str("SECRET_KEY", default="") or secrets.token_urlsafe(50)
HAS_OWN_SECRET_KEY = bool(env.str("SECRET_KEY", default=""))

ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])

INSTALLED_APPS = [
    "goflow_site.apps.SiteConfig",
    "goflow_site.apps.GoflowAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "csp",
    "django_filters",
    "django_htmx",
    "rest_framework",
    "knox",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "workflows",
    "approvals",
    # Apps of your own: a module `handlers` in one of them says what service tasks may call.
    *env.list("GOFLOW_APPS", default=[]),
]

MIDDLEWARE = [
    "goflow_site.middleware.RequestMiddleware",
    "goflow_site.middleware.ProbeMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "goflow_site.timing.ServerTimingMiddleware",
    # Outside of what makes tags: those are of the answer before it is compressed.
    "goflow_site.answers.CompressionMiddleware",
    "goflow_site.answers.RevalidationMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "csp.middleware.CSPMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "goflow_site.zones.ZoneMiddleware",
    "goflow_site.errors.GoflowErrorMiddleware",
]

ROOT_URLCONF = "goflow_site.urls"
WSGI_APPLICATION = "goflow_site.wsgi.application"
ASGI_APPLICATION = "goflow_site.asgi.application"

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
                "approvals.context_processors.portal",
            ],
            "builtins": ["goflow_site.icons"],
        },
    },
]

DATABASES = {
    "default": env.db_url("DATABASE_URL", default=f"sqlite:///{DATA_DIR / 'goflow.sqlite3'}")
}
DATABASES["default"].setdefault("OPTIONS", {})
_engine = DATABASES["default"]["ENGINE"]
if _engine.endswith("sqlite3"):
    # A transaction that reads and then writes fails at once when another has written in between;
    # taking the write lock at BEGIN makes it wait instead.
    DATABASES["default"]["OPTIONS"] |= {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
    }
else:
    DATABASES["default"]["CONN_MAX_AGE"] = env.int("CONN_MAX_AGE", default=60)
    # A connection that the server has ended meanwhile is made again by the next request.
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
# Seconds, on PostgreSQL and MariaDB; 0 sets no limit. Nobody waits for longer in a browser; a
# migration of much data may have to.
DATABASE_CONNECT_TIMEOUT_SECONDS = env.int("DATABASE_CONNECT_TIMEOUT_SECONDS", default=5)
DATABASE_LOCK_TIMEOUT_SECONDS = env.int("DATABASE_LOCK_TIMEOUT_SECONDS", default=20)
DATABASE_STATEMENT_TIMEOUT_SECONDS = env.int("DATABASE_STATEMENT_TIMEOUT_SECONDS", default=30)
DATABASE_IDLE_TIMEOUT_SECONDS = env.int("DATABASE_IDLE_TIMEOUT_SECONDS", default=60)
if _engine.endswith("mysql"):
    # Keys differ by case: with MariaDB's usual collation `A` and `a` would be one key.
    DATABASES["default"]["TEST"] = {"CHARSET": "utf8mb4", "COLLATION": "utf8mb4_bin"}
    DATABASES["default"]["OPTIONS"] |= {
        "charset": "utf8mb4",
        "isolation_level": "read committed",
        "connect_timeout": DATABASE_CONNECT_TIMEOUT_SECONDS,
        "init_command": "SET sql_mode='STRICT_TRANS_TABLES'"
        f", innodb_lock_wait_timeout={DATABASE_LOCK_TIMEOUT_SECONDS}"
        f", max_statement_time={DATABASE_STATEMENT_TIMEOUT_SECONDS}"
        f", idle_transaction_timeout={DATABASE_IDLE_TIMEOUT_SECONDS}",
    }
if _engine.endswith("postgresql"):
    # What every step sends is planned once a connection. A pooler between Goflow and PostgreSQL has
    # to hand prepared statements on, as PgBouncer does from 1.21; else turn it off.
    _prepares = env.bool("PREPARE_STATEMENTS", default=True)
    DATABASES["default"]["OPTIONS"] |= {
        "prepare_threshold": 2 if _prepares else None,
        "connect_timeout": DATABASE_CONNECT_TIMEOUT_SECONDS,
        # A server that has vanished without a word is given up after so many milliseconds.
        "tcp_user_timeout": 30_000,
        "options": " ".join(
            f"-c {name}={value}"
            for name, value in {
                # Whatever the account or the database has for its default.
                "default_transaction_isolation": r"read\ committed",
                # To compile a statement takes longer than any statement of a page runs.
                "jit": "off",
                "lock_timeout": f"{DATABASE_LOCK_TIMEOUT_SECONDS}s",
                "statement_timeout": f"{DATABASE_STATEMENT_TIMEOUT_SECONDS}s",
                "idle_in_transaction_session_timeout": f"{DATABASE_IDLE_TIMEOUT_SECONDS}s",
            }.items()
        ),
    }

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "login"

LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English"))]
TIME_ZONE = env.str("TIME_ZONE", default="UTC")
USE_TZ = True

STATIC_URL = "static/"
STATIC_ROOT = Path(env.str("GOFLOW_STATIC_DIR", default=str(DATA_DIR / "static")))
STATIC_ROOT.mkdir(parents=True, exist_ok=True)
STATICFILES_DIRS = [BASE_DIR / "static"]
MEDIA_ROOT = DATA_DIR / "files"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = DEBUG
WHITENOISE_AUTOREFRESH = False

# Attachments: one file at most this large; a request with several stays below the second figure.
GOFLOW_MAX_FILE_BYTES = env.int("GOFLOW_MAX_FILE_BYTES", default=10 * 1024 * 1024)
GOFLOW_MAX_REQUEST_BYTES = env.int("GOFLOW_MAX_REQUEST_BYTES", default=25 * 1024 * 1024)
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
# The rows of a flow in the admin: a net of 60 transitions sends more than Django's 1,000 fields.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 20_000

GOFLOW_DIRECTORY = "approvals.directory.CompanyDirectory"
# In this order: a notice names the request of its case.
GOFLOW_CASE_LISTENERS = [
    "approvals.listeners.RequestListener",
    "approvals.listeners.NoticeListener",
]

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "workflows.api.authentication.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["workflows.api.renderers.ExactJSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["workflows.api.parsers.ExactJSONParser"],
    "DEFAULT_SCHEMA_CLASS": "workflows.api.schema.GoflowSchema",
    "EXCEPTION_HANDLER": "goflow_site.errors.api_exception_handler",
    # The client's address is what the proxy says where there is one, never what the client says.
    "NUM_PROXIES": 1 if env.bool("BEHIND_PROXY", default=False) else 0,
    "URL_FORMAT_OVERRIDE": None,
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
    "TEST_REQUEST_RENDERER_CLASSES": ["workflows.api.renderers.ExactJSONRenderer"],
}
REST_KNOX = {"TOKEN_TTL": None, "AUTO_REFRESH": False}
SPECTACULAR_SETTINGS = {
    "TITLE": "Goflow",
    "DESCRIPTION": "Flows, cases, work items and requests. Errors are RFC 9457 problem details.",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_NAME_OVERRIDES": {
        "CaseStateEnum": "workflows.models.CaseState",
        "EventKindEnum": "workflows.models.EventKind",
        "JobKindEnum": "workflows.models.JobKind",
        "JobStateEnum": "workflows.models.JobState",
        "RequestStateEnum": "approvals.models.RequestState",
        "VersionStateEnum": "workflows.models.VersionState",
        "WorkItemStateEnum": "workflows.models.WorkItemState",
    },
}

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    },
}

SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
if env.bool("HTTPS", default=not DEBUG):
    SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", default=True)
    SESSION_COOKIE_SECURE = True
    CSRF_COOKIE_SECURE = True
    SECURE_HSTS_SECONDS = env.int("SECURE_HSTS_SECONDS", default=365 * 24 * 3600)
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
    if env.bool("BEHIND_PROXY", default=False):
        SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Where people reach the portal: the links in mails begin with it.
PUBLIC_URL = env.str("PUBLIC_URL", default=f"http://127.0.0.1:{env.str('PORT', default='8000')}")
# Without a mail server, mails are written to the log.
EMAIL_HOST = env.str("EMAIL_HOST", default="")
EMAIL_PORT = env.int("EMAIL_PORT", default=25)
EMAIL_HOST_USER = env.str("EMAIL_HOST_USER", default="")
EMAIL_HOST_PASSWORD = env.str("EMAIL_HOST_PASSWORD", default="")
EMAIL_USE_TLS = env.bool("EMAIL_USE_TLS", default=False)
EMAIL_USE_SSL = env.bool("EMAIL_USE_SSL", default=False)
EMAIL_TIMEOUT = env.int("EMAIL_TIMEOUT", default=10)
EMAIL_BACKEND = env.str(
    "EMAIL_BACKEND",
    default=f"django.core.mail.backends.{'smtp' if EMAIL_HOST else 'console'}.EmailBackend",
)
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="Goflow <goflow@localhost>")

# Days that are kept: notices that have been read, and answers to requests with an Idempotency-Key.
# `manage.py purge` removes what is older.
GOFLOW_KEEP_NOTICES_DAYS = env.int("GOFLOW_KEEP_NOTICES_DAYS", default=90)
GOFLOW_KEEP_JOBS_DAYS = env.int("GOFLOW_KEEP_JOBS_DAYS", default=30)
GOFLOW_KEEP_IDEMPOTENCY_DAYS = env.int("GOFLOW_KEEP_IDEMPOTENCY_DAYS", default=30)

# `manage.py archive` moves the history of cases that ended so many days ago; 0: of none.
GOFLOW_ARCHIVE_DAYS = env.int("GOFLOW_ARCHIVE_DAYS", default=365)

# Days without progress, or suspended, after which a case counts as stuck.
GOFLOW_STUCK_DAYS = env.int("GOFLOW_STUCK_DAYS", default=14)

CELERY_BROKER_URL = env.str("CELERY_BROKER_URL", default="")
# The worker's lines go where all lines go: LOGGING below.
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_REDIRECT_STDOUTS = False
GOFLOW_CELERY_APP = "goflow_site.celery.app"
# A small installation: web processes run the jobs too, in a thread of theirs.
GOFLOW_EMBEDDED_WORKER = env.bool("GOFLOW_EMBEDDED_WORKER", default=False)
# A worker that is not heard of for so long has died: others take what it had.
GOFLOW_LEASE_SECONDS = env.float("GOFLOW_LEASE_SECONDS", default=30)
# How long the work at hand may go on when a worker is told to stop.
GOFLOW_STOP_SECONDS = env.float("GOFLOW_STOP_SECONDS", default=8)
# A handler that wants more memory fails; 0 sets no limit.
GOFLOW_HANDLER_MEMORY_MB = env.int("GOFLOW_HANDLER_MEMORY_MB", default=1024)

# Where the `http` handler may go: docs/handlers.md. Private hosts and networks only where named.
GOFLOW_OUTBOUND_ALLOW = env.list("GOFLOW_OUTBOUND_ALLOW", default=[])
# Where any are named, no other public hosts can be called.
GOFLOW_OUTBOUND_HOSTS = env.list("GOFLOW_OUTBOUND_HOSTS", default=[])
GOFLOW_OUTBOUND_PORTS = env.list("GOFLOW_OUTBOUND_PORTS", cast=int, default=[80, 443])
# {"LEDGER": {"hosts": ["ledger.example.com"], "headers": {"Authorization": "Bearer ..."}}}
GOFLOW_SECRETS = env.json("GOFLOW_SECRETS", default={})

# Without a worker nothing happens by itself: with this, `/readyz` says 503 where none was seen.
WORKER_REQUIRED = env.bool("WORKER_REQUIRED", default=False)
# `/metrics`: for this machine, for who brings the token, and for these networks.
METRICS_TOKEN = env.str("METRICS_TOKEN", default="")
METRICS_ALLOW = [ip_network(text) for text in env.list("METRICS_ALLOW", default=[])]
WORKER_METRICS_PORT = env.int("WORKER_METRICS_PORT", default=0)
# Where processes of one group add up their times; without, each tells its own.
PROMETHEUS_MULTIPROC_DIR = env.str("PROMETHEUS_MULTIPROC_DIR", default="")
if PROMETHEUS_MULTIPROC_DIR:
    Path(PROMETHEUS_MULTIPROC_DIR).mkdir(parents=True, exist_ok=True)

# Tells everybody, not only staff, in Server-Timing where the time of an answer went.
SERVER_TIMING = env.bool("SERVER_TIMING", default=DEBUG)

LOG_FORMAT = env.str("LOG_FORMAT", default="text")
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "text": {"()": "goflow_site.logs.ReadableFormatter"},
        "json": {"()": "goflow_site.logs.JSONLinesFormatter"},
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": LOG_FORMAT}},
    # Django's own console handler would say every line of its loggers a second time.
    "loggers": {"django": {"handlers": [], "propagate": True}},
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", default="INFO")},
}
