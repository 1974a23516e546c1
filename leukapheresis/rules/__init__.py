"""Pure decisions about leukapheresis: frozen dataclasses in, frozen dataclasses out."""
