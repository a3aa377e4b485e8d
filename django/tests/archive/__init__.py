"""A DMS that names everything otherwise."""
