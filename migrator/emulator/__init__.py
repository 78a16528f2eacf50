"""
A local Salesforce org on 127.0.0.1, for rehearsals, the demo and tests.
"""
