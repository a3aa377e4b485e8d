"""The people as whom a visitor of the demo can sign in."""

from django.db.models import QuerySet
from rest_framework import generics, serializers
from rest_framework.permissions import AllowAny

from accounts.models import User
from demo.people import PEOPLE


class DemoUserSerializer(serializers.ModelSerializer[User]):
    class Meta:
        model = User
        fields = ("username", "name", "role", "unit_id")


class DemoUsers(generics.ListAPIView[User]):
    serializer_class = DemoUserSerializer
    permission_classes = (AllowAny,)
    authentication_classes = ()

    def get_queryset(self) -> QuerySet[User]:
        return User.objects.filter(username__in=[person.username for person in PEOPLE]).order_by("id")
