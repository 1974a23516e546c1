"""The pages that span the stages, one module for each place of the rail."""
