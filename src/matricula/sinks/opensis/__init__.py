"""openSIS Classic: the gradebooks of its teachers, and final grades for report cards."""

from matricula.sinks.opensis.sink import OpensisSink

__all__ = ["OpensisSink"]
