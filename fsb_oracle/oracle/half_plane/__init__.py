"""Parseval integrals on turned rays: for characteristic functions that hold on a half-plane, and decay like powers."""
