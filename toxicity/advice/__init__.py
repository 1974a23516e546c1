"""What published guidance suggests by grade."""
