"""What the provider says of itself (OpenID Connect Discovery, RFC 8414)."""

from typing import Any

from authlib.oidc.discovery import OpenIDProviderMetadata

from matricula.provider.holder import CLAIMS, SCOPES
from matricula.provider.keys import ALGORITHM


def metadata(issuer: str) -> dict[str, Any]:
    """What stands below `/.well-known/openid-configuration`.

    Moodle takes every name that ends in `_endpoint` as an endpoint of its own, and wants `https` of each.

    Args:
        issuer: the provider's address.

    Raises:
        ValueError: the address is none that a provider can have.
    """
    told = OpenIDProviderMetadata(
        {
            "issuer": issuer,
            "authorization_endpoint": f"{issuer}/provider/authorize",
            "token_endpoint": f"{issuer}/provider/token",
            "userinfo_endpoint": f"{issuer}/provider/userinfo",
            "end_session_endpoint": f"{issuer}/provider/end-session",
            "jwks_uri": f"{issuer}/provider/keys",
            "scopes_supported": list(SCOPES),
            "claims_supported": [name for each in SCOPES for name in CLAIMS[each]],
            "response_types_supported": ["code"],
            "response_modes_supported": ["query"],
            "grant_types_supported": ["authorization_code"],
            "subject_types_supported": ["pairwise"],
            "id_token_signing_alg_values_supported": [ALGORITHM],
            "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
            "code_challenge_methods_supported": ["S256"],
            "authorization_response_iss_parameter_supported": True,
            "claims_parameter_supported": False,
            "request_parameter_supported": False,
            "request_uri_parameter_supported": False,
        }
    )
    told.validate()
    return dict(told)
