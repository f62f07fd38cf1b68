"""What sinks that write into a database share: connections, values that fit columns, and rows each on its own."""
