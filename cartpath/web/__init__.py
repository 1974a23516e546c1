"""Pages that span the stages, and the components every page is made of."""
