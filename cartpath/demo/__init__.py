"""The demo center: invented people, machines and children."""
