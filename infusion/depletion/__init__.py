"""The plan of lymphodepletion: its doses, its days, and the days for the infusion that follow from them."""
