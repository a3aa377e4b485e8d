"""Who is signed in."""

from django.db.models import QuerySet
from rest_framework import generics, status
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView
from rest_framework_simplejwt.exceptions import TokenError
from rest_framework_simplejwt.tokens import RefreshToken

from accounts.models import Unit
from accounts.permissions import user_of
from accounts.serializers import LogoutSerializer, MeSerializer, UnitSerializer


class Me(APIView):
    def get(self, request: Request) -> Response:
        return Response(MeSerializer(user_of(request)).data)


class Logout(APIView):
    """Ends the session: neither of its tokens is good for anything any more."""

    def post(self, request: Request) -> Response:
        asked = LogoutSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        try:
            token = RefreshToken(asked.validated_data["refresh"])
        except TokenError as error:
            raise ValidationError({"detail": str(error)}) from error
        token.blacklist()
        return Response(status=status.HTTP_205_RESET_CONTENT)


class Units(generics.ListAPIView[Unit]):
    """A user's own unit; for System Admins all of them."""

    serializer_class = UnitSerializer

    def get_queryset(self) -> QuerySet[Unit]:
        user = user_of(self.request)
        units = Unit.objects.order_by("id")
        return units if user.is_system_admin else units.filter(users=user)
