"""Orders with the manufacturer: identifiers, slots and quotas, portals and what they cost, expected dates."""
