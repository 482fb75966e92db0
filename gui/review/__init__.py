"""The review page: suggestions to accept or reject, misfiled photos, runs."""
