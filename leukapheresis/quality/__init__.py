"""How well the apheresis unit collects: run charts with control limits, and the cases behind each point."""
