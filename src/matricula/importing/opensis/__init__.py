"""The school in the database of openSIS Classic: rows added and rows of ours altered, in one transaction."""
