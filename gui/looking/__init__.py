"""Looking at photos: one large, several beside each other, all in turn."""
