"""The people of the demo: they work in three units, and everybody's password is ``demo``."""

from dataclasses import dataclass

from accounts.models import Role

PASSWORD = "demo"
UNITS = {1: "Finance", 2: "Human Resources", 3: "Legal"}


@dataclass(frozen=True)
class Person:
    id: int
    name: str
    role: Role
    unit_id: int | None

    @property
    def username(self) -> str:
        """The first name in small letters; no two people share one."""
        return self.name.split(" ")[0].lower()


_ROLES = (Role.SECTION_HEAD, Role.SECTION_CLERK, Role.QC, Role.STORE_HEAD)
_STAFF = {
    1: ("Leila Haddad", "Tomas Novak", "Grace Lin", "Peter Osei"),
    2: ("Ravi Menon", "Elena Petrova", "Sam Carter", "Noor Rahman"),
    3: ("Marta Silva", "Jonas Berg", "Aiko Tanaka", "David Mwangi"),
}

PEOPLE = (
    Person(1, "Amara Okafor", Role.SYSTEM_ADMIN, None),
    *(
        Person(unit_id * 100 + number, name, role, unit_id)
        for unit_id, names in _STAFF.items()
        for number, (name, role) in enumerate(zip(names, _ROLES, strict=True), start=1)
    ),
)
