"""Who is near whom: the Faiss index, a checked cache of the catalog. faiss only here."""
