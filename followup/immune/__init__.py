"""The immune system after the infusion: samples, drugs, immunoglobulin, vaccines, proposals."""
