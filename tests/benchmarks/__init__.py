"""Figures for people; nothing here is asserted, and no test runs it by default."""
