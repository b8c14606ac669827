"""老年人名下 residents.dossier: what hangs on a person: contacts, entitlements, consents, the history of the record."""
