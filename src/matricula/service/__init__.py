"""What the console, the API and the workers have in common: jobs, schedules, accounts, notices."""

from matricula.service.service import Service

__all__ = ["Service"]
