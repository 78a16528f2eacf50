"""
The REST API and its neighbours on `/services/data` and `/services/oauth2`.
"""
