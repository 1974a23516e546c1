"""Pure decisions about follow-up: frozen dataclasses in, frozen dataclasses out."""
