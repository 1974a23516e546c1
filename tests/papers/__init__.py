"""Printed papers, packs for downtime, and replays of the ledger."""
