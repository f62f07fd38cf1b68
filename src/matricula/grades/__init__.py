"""Grades to the school: what a gradebook should hold, the difference, and writing it."""
