"""Settings of the DMS, from the environment."""

import os
from datetime import timedelta
from pathlib import Path

from config.database import database_of

BASE_DIR = Path(__file__).resolve().parent.parent

SECRET_KEY = os.environ.get("SECRET_KEY", "a secret of the DMS under test, long enough for HS256")
DEBUG = False
ALLOWED_HOSTS = ["127.0.0.1", "localhost", "testserver", *os.environ.get("ALLOWED_HOSTS", "").split()]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")  # nginx says so, and replaces what a client wrote

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "rest_framework",
    "rest_framework_simplejwt.token_blacklist",
    "dms_live",
    "accounts",
    "audit",
    "documents",
    "demo",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "dms_live.middleware.ActingUserMiddleware",
]

ROOT_URLCONF = "config.urls"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

DATABASES = {"default": database_of(os.environ.get("DATABASE_URL", ""), BASE_DIR / "db.sqlite3")}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "accounts.User"

USE_TZ = True
TIME_ZONE = "UTC"
STATIC_URL = "static/"

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["rest_framework_simplejwt.authentication.JWTAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": [
        "rest_framework.permissions.IsAuthenticated",
        "accounts.permissions.HasRole",
    ],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "EXCEPTION_HANDLER": "config.errors.explain",
}

SIMPLE_JWT = {
    "ACCESS_TOKEN_LIFETIME": timedelta(seconds=int(os.environ.get("ACCESS_TOKEN_SECONDS", "900"))),
    "REFRESH_TOKEN_LIFETIME": timedelta(hours=12),
    "TOKEN_OBTAIN_SERIALIZER": "dms_live.tokens.LiveTokenObtainPairSerializer",
    "TOKEN_REFRESH_SERIALIZER": "dms_live.tokens.LiveTokenRefreshSerializer",
}

DMS_LIVE = {
    "REDIS_URL": os.environ.get("REDIS_URL", "redis://127.0.0.1:6379"),
    "TOPIC_PREFIX": os.environ.get("TOPIC_PREFIX", "dms"),
    "SENDER": os.environ.get("LIVE_SENDER", "thread"),
}
