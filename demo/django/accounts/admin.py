"""Units and people in the admin site."""

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin

from accounts.models import Unit, User

admin.site.register(Unit)


@admin.register(User)
class PersonAdmin(UserAdmin):  # type: ignore[type-arg]
    list_display = ("username", "name", "role", "unit", "is_active")
    list_filter = ("role", "unit", "is_active")
    fieldsets = (
        *(UserAdmin.fieldsets or ()),
        ("In the DMS", {"fields": ("unit", "role")}),
    )
