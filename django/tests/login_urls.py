"""Views that make tokens, in the ways that projects do. The first word of a name says what the check finds."""

from __future__ import annotations

from typing import Any

from django.contrib.auth import authenticate
from django.http import HttpRequest, JsonResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt
from rest_framework import serializers, viewsets
from rest_framework.decorators import action, api_view
from rest_framework.response import Response
from rest_framework_simplejwt.serializers import TokenObtainPairSerializer, TokenRefreshSerializer
from rest_framework_simplejwt.tokens import RefreshToken
from rest_framework_simplejwt.views import (
    TokenBlacklistView,
    TokenObtainPairView,
    TokenObtainSlidingView,
    TokenRefreshView,
)

from dms_live import token_rotation
from dms_live.tokens import LiveTokenObtainPairSerializer, LiveTokenRefreshSerializer, add_live_claims


class OwnClaims(TokenObtainPairSerializer):
    @classmethod
    def get_token(cls, user: Any) -> Any:
        token = super().get_token(user)
        token["email"] = user.email
        return token


class LiveClaims(TokenObtainPairSerializer):
    @classmethod
    def get_token(cls, user: Any) -> Any:
        token = super().get_token(user)
        add_live_claims(token, user)
        return token


class DerivedClaims(LiveTokenObtainPairSerializer):
    pass


class BareLogin(TokenObtainPairView):
    serializer_class = OwnClaims


class LiveLogin(TokenObtainPairView):
    serializer_class = LiveClaims


class DerivedLogin(TokenObtainPairView):
    serializer_class = DerivedClaims


def tokens_for(user: Any) -> dict[str, str]:
    refresh = RefreshToken.for_user(user)
    return {"refresh": str(refresh), "access": str(refresh.access_token)}


def live_tokens_for(user: Any) -> dict[str, str]:
    refresh = RefreshToken.for_user(user)
    refresh.payload.update({"unit_id": user.unit_id, "role": user.role})
    return {"access": str(refresh.access_token)}


@api_view(["POST"])
def bare_login(request: Any) -> Response:
    return Response(tokens_for(authenticate(**request.data)))


@csrf_exempt
def live_login(request: HttpRequest) -> JsonResponse:
    return JsonResponse(live_tokens_for(authenticate(request)))


class BareSerializer(serializers.Serializer[Any]):
    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        return tokens_for(authenticate(**attrs))


class Accounts(viewsets.ViewSet):
    @action(detail=False, methods=["post"])
    def bare(self, request: Any) -> Response:
        return Response(BareSerializer(data=request.data).validated_data)

    @action(detail=False)
    def unrelated(self, request: Any) -> Response:
        return Response({})


@api_view(["POST"])
def rotating_refresh(request: Any) -> Response:
    old = RefreshToken(request.data["refresh"])
    old.blacklist()
    return Response({"access": str(old.access_token)})


@api_view(["POST"])
def rotating_refresh_that_says_so(request: Any) -> Response:
    old = RefreshToken(request.data["refresh"])
    with token_rotation():
        old.blacklist()
    add_live_claims(old, request.user)
    return Response({"access": str(old.access_token)})


@api_view(["POST"])
def logout(request: Any) -> Response:
    RefreshToken(request.data["refresh"]).blacklist()
    return Response({})


VIEWS = {
    "stock": TokenObtainPairView.as_view(),
    "bare claims": BareLogin.as_view(),
    "claims in as_view": TokenObtainPairView.as_view(serializer_class=OwnClaims),
    "bare function": bare_login,
    "bare action": Accounts.as_view({"post": "bare"}),
    "unrelated action": Accounts.as_view({"get": "unrelated"}),
    "live claims": LiveLogin.as_view(),
    "live, derived": DerivedLogin.as_view(),
    "live function": live_login,
    "sliding": TokenObtainSlidingView.as_view(),
    "stock refresh": TokenRefreshView.as_view(),
    "refresh by the stock serializer": TokenRefreshView.as_view(serializer_class=TokenRefreshSerializer),
    "live refresh": TokenRefreshView.as_view(serializer_class=LiveTokenRefreshSerializer),
    "rotating refresh": rotating_refresh,
    "rotating refresh that says so": rotating_refresh_that_says_so,
    "logout": logout,
    "stock logout": TokenBlacklistView.as_view(),
}

urlpatterns: list[Any] = []


def lead_to(*names: str) -> None:
    urlpatterns[:] = [path(f"{number}/", VIEWS[name]) for number, name in enumerate(names)]
