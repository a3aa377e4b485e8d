"""People and units as the API writes them."""

from rest_framework import serializers

from accounts.models import Unit, User


class PersonSerializer(serializers.ModelSerializer[User]):
    """Somebody named in a row."""

    class Meta:
        model = User
        fields = ("id", "name", "role")


class MeSerializer(serializers.ModelSerializer[User]):
    class Meta:
        model = User
        fields = ("id", "username", "name", "role", "unit_id")


class UnitSerializer(serializers.ModelSerializer[Unit]):
    class Meta:
        model = Unit
        fields = ("id", "name")


class LogoutSerializer(serializers.Serializer[None]):
    refresh = serializers.CharField()
