"""
One module a verb, one public function each.
"""
