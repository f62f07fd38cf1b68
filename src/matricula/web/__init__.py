"""The console and the API: pages for people, and the same for programs."""
