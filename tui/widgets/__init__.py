"""Widgets: charts, forms, tables and text that is safe to show."""
