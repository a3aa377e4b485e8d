"""The DMS's REST API."""

from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path
from rest_framework_simplejwt.views import TokenObtainPairView, TokenRefreshView

from accounts.views import Logout, Me, Units
from audit import views as audit_views
from demo.views import DemoUsers
from documents import (
    crate_views,
    dashboard,
    figures,
    request_steps,
    request_views,
    storage_views,
)
from documents.models import Request

account_paths = [
    path("token/", TokenObtainPairView.as_view()),
    path("token/refresh/", TokenRefreshView.as_view()),
    path("logout/", Logout.as_view()),
    path("me/", Me.as_view()),
    path("units/", Units.as_view()),
    path("demo-users/", DemoUsers.as_view()),
]

request_paths: list[URLPattern | URLResolver] = [
    path("", request_views.RequestList.as_view()),
    path("counts/", request_views.RequestCounts.as_view()),
    path("<int:pk>/", request_views.RequestDetail.as_view()),
    path("<int:pk>/send-backs/", request_views.SendBackList.as_view()),
    *(path(f"{kind.lower()}/", request_views.CreateRequest.as_view(request_type=kind)) for kind in Request.Type),
    *(
        path(
            f"{kind.lower()}/<int:pk>/",
            request_views.CorrectRequest.as_view(request_type=kind),
        )
        for kind in Request.Type
    ),
    path("<int:pk>/approve/", request_steps.Approve.as_view()),
    path("<int:pk>/reject/", request_steps.Reject.as_view()),
    path("<int:pk>/send-back/", request_steps.SendItBack.as_view()),
    path("<int:pk>/allocate-storage/", request_steps.AllocateStorage.as_view()),
    path("<int:pk>/issue/", request_steps.Issue.as_view()),
    path("<int:pk>/return/", request_steps.TakeBack.as_view()),
]

crate_paths = [
    path("", crate_views.CrateList.as_view()),
    path("<int:pk>/", crate_views.CrateDetail.as_view()),
    path("<int:pk>/relocate/", crate_views.Relocate.as_view()),
]

storage_paths = [
    path("", storage_views.StorageList.as_view()),
    path("<int:pk>/", storage_views.StorageDetail.as_view()),
    path("bulk-create/", storage_views.BulkCreate.as_view()),
]

audit_paths = [
    path("", audit_views.AuditList.as_view()),
    path("<int:pk>/", audit_views.AuditDetail.as_view()),
    path("choices/", audit_views.Choices.as_view()),
    path("export/", audit_views.Export.as_view()),
]

api_paths: list[URLPattern | URLResolver] = [
    *account_paths,
    path("requests/", include(request_paths)),
    path("crates/", include(crate_paths)),
    path("storage/", include(storage_paths)),
    path("audit/", include(audit_paths)),
    path("dashboard/kpis/", dashboard.Kpis.as_view()),
    path("dashboard/trends/", figures.Trends.as_view()),
    path("dashboard/ages/", figures.Ages.as_view()),
]

urlpatterns = [
    path("admin/", admin.site.urls),
    path("api/", include(api_paths)),
]
