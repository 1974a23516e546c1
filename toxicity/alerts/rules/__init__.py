"""Red flags as pure rules: what is seen in the facts, and what that makes of a standing alert."""
