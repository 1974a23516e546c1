"""CARTPath: a clinical workflow tracker for pediatric CAR T-cell patients."""

from cartpath.celery import app as celery_app

__all__ = ["celery_app"]
