"""What the course does, timed side by side with what a user would do instead. See README.md."""
