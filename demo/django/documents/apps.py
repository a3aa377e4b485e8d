"""Crates of documents, where they stand, and the requests about them."""

from django.apps import AppConfig


class DocumentsConfig(AppConfig):
    name = "documents"
