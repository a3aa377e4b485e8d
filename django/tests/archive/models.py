"""Orders for boxes of papers: a DMS that has no field called as the contract calls it."""

from django.conf import settings
from django.db import models


class Department(models.Model):
    code = models.SlugField(primary_key=True)

    def __str__(self) -> str:
        return self.code


class Profile(models.Model):
    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="profile")
    department = models.ForeignKey(Department, on_delete=models.PROTECT)
    job = models.IntegerField(choices=[(1, "Section Head"), (9, "System Admin")], default=1)

    def __str__(self) -> str:
        return f"{self.job} {self.department}"


class Box(models.Model):
    department = models.ForeignKey(Department, on_delete=models.PROTECT)
    state = models.CharField(max_length=3, choices=[("ACT", "Active"), ("OUT", "Withdrawn")], default="ACT")

    def __str__(self) -> str:
        return self.state


class Paper(models.Model):
    boxes = models.ManyToManyField(Box, related_name="papers")
    title = models.CharField(max_length=80)

    def __str__(self) -> str:
        return self.title


class Order(models.Model):
    purpose = models.CharField(max_length=1, choices=[("S", "Storing"), ("W", "Withdrawal")])
    state = models.IntegerField(
        choices=[(0, "Pending"), (1, "Approved"), (2, "Sent back"), (6, "Completed"), (7, "Draft")]
    )
    box = models.ForeignKey(Box, on_delete=models.CASCADE)
    ordered_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL)
    due_date = models.DateField(null=True)

    def __str__(self) -> str:
        return self.purpose


class Transfer(Order):
    """A kind of order with columns of its own."""

    courier = models.CharField(max_length=20)


class Withdrawal(Order):
    class Meta:
        proxy = True


class Complaint(models.Model):
    order = models.ForeignKey(Order, on_delete=models.CASCADE)
    comment = models.TextField()

    def __str__(self) -> str:
        return self.comment


class Section(models.Model):
    """A unit that some refer to by its key, and some by its code."""

    code = models.SlugField(unique=True)

    def __str__(self) -> str:
        return self.code


class Clerk(models.Model):
    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="clerk")
    section = models.ForeignKey(Section, null=True, on_delete=models.SET_NULL, related_name="+")
    sections = models.ManyToManyField(Section, related_name="+")
    supervisor = models.ForeignKey("self", null=True, on_delete=models.SET_NULL, related_name="+")
    area = models.CharField(max_length=20, default="North wing")
    duty = models.CharField(max_length=20, default="SYSTEM_ADMIN")

    def __str__(self) -> str:
        return self.duty


class Slip(models.Model):
    section = models.ForeignKey(Section, to_field="code", on_delete=models.PROTECT)
    type = models.CharField(max_length=20, default="Storage")
    status = models.CharField(max_length=20, default="Pending")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL)

    def __str__(self) -> str:
        return self.type


class Reply(models.Model):
    slip = models.ForeignKey(Slip, on_delete=models.CASCADE)
    message = models.TextField()

    def __str__(self) -> str:
        return self.message
