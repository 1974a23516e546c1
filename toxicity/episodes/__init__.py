"""Episodes of CRS and ICANS."""
