"""The search bar and what belongs to it: chips, completion, pictures, saved searches, why."""
