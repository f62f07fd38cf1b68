"""Matricula as an OpenID Connect provider: Moodle's own OAuth 2 sign-in asks it who somebody is.

Authlib knows the protocol; here is what it asks for: clients, codes, tokens, keys, and what is told of a person.
`server.Provider` puts it together for one request.
"""
