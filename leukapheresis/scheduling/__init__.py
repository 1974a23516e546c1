"""Booking that can't double: resources claimed together, held, moved, waited for.

Locks are taken in one order everywhere, so rivals wait for each other and never deadlock: the journey's row
(which also guards its entry in the waiting list and its offer), its booking, slots by id, quotas by id, the
journey's chain in the ledger, and at the very end resources by id. Holds of other families that have ended
are let go only when nobody works on them. Exclusion and uniqueness in PostgreSQL stand behind.
"""
