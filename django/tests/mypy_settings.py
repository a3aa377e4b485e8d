"""For mypy's Django plugin alone."""

SECRET_KEY = "none"
INSTALLED_APPS = ["django.contrib.auth", "django.contrib.contenttypes", "dms_live"]
DMS_LIVE = {"REDIS_URL": "redis://localhost:6379"}
