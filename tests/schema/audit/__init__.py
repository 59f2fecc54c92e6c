"""Does the audit log show itself to auditors, and to nobody else?"""
