"""Paper that helps: wallet cards, sheets, the custody report, and the pack for downtime."""
