"""Reads of the pages that span the stages: one module, what one page needs."""
