"""Pure decisions around the infusion: frozen dataclasses in, frozen dataclasses out."""
