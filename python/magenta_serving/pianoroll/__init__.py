"""Pictures of notes: time to the right, pitch upwards, the primer in a colour of its own."""
