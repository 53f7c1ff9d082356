"""Figures by which a model is judged, and the report that shows them."""
