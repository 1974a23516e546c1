"""Reads the protocol files at start-up, so that a broken one stops it rather than a child's treatment."""

from django.apps import AppConfig


class ProtocolsConfig(AppConfig):
    """Protocols: what should happen."""

    name = "cartpath.protocols"
    label = "protocols"

    def ready(self) -> None:
        """Read every protocol file. Raises ProtocolError naming file, line and reason."""
        from cartpath.protocols import registry

        registry.load()
