"""The demo model's whole world: seeded generators of short conversations, one file a subject."""
