"""
Signing in to the partner API, and what it says of the user.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from migrator.emulator.errors import SalesforceError
from migrator.emulator.wire.soap.envelope import NIL, element

if TYPE_CHECKING:
    from migrator.emulator.org.org import Org
    from migrator.emulator.org.users import User
    from migrator.emulator.start.services import Services
    from migrator.emulator.wire.soap.envelope import SoapCall

_NO_LOGIN_FROM: Final = 65
_SESSION_SECONDS: Final = 7_200
_ATTACHMENT_BYTES: Final = 5_242_880
_OLD: Final = 31


@dataclass(frozen=True, slots=True, kw_only=True)
class PartnerCall:
    """
    One call of a signed-in user.
    """

    services: Services
    user: User
    version: str
    soap: SoapCall

    @property
    def org(self) -> Org:
        """
        The org that is spoken to.
        """
        return self.services.org

    @property
    def number(self) -> int:
        """
        The version as a number: 66 for `66.0`.
        """
        return int(self.version.partition(".")[0])

    @property
    def is_all_or_none(self) -> bool:
        """
        Whether one refused row undoes the others.
        """
        return self.soap.option("AllOrNoneHeader", "allOrNone").lower() == "true"

    def text(self, name: str) -> str:
        """
        Return the text of an argument; raises MISSING_ARGUMENT when it is empty.
        """
        found = self.soap.operation.text(name).strip()
        if not found:
            raise SalesforceError("MISSING_ARGUMENT", f"{name} not specified")
        return found

    def texts(self, name: str) -> list[str]:
        """
        Return the texts of a repeated argument.
        """
        return [each.content.strip() for each in self.soap.operation.all(name)]


def login(org: Org, soap: SoapCall, version: str, base: str) -> str:
    """
    Write the LoginResult for an active user; any password but none will do.

    Raises SalesforceError: login() ended with API 64.0 (SOAP API End-of-Life
    Policy); INVALID_LOGIN for an unknown user or an empty password.
    """
    number = int(version.partition(".")[0])
    if number >= _NO_LOGIN_FROM:
        raise SalesforceError(
            "UNSUPPORTED_API_VERSION",
            f"login() is not available in API version {version}",
        )
    username = soap.operation.text("username").strip()
    try:
        session = org.users.sign_in(username)
    except SalesforceError:
        raise _invalid_login() from None
    if not soap.operation.text("password"):
        raise _invalid_login()
    user = org.users.authenticate(session)
    org.limits.count_call()
    result = {
        "metadataServerUrl": f"{base}/services/Soap/m/{version}/{org.id}",
        "passwordExpired": False,
        "sandbox": org.settings.is_sandbox,
        "serverUrl": f"{base}/services/Soap/u/{version}/{org.id}",
        "sessionId": session,
        "userId": user.id,
        "userInfo": user_info(org, user, number),
    }
    return element("result", result)


def _invalid_login() -> SalesforceError:
    return SalesforceError(
        "INVALID_LOGIN",
        "Invalid username, password, security token; or user locked out.",
    )


def user_info(org: Org, user: User, version: int) -> dict[str, Any]:
    """
    Return the elements of GetUserInfoResult, in order; in a multi-currency org the
    organization's currency is nil.
    """
    with org.lock:
        row = org.store.get("User", user.id) or {}
    info: dict[str, Any] = {
        "accessibilityMode": False,
        "chatterExternal": False,
        "currencySymbol": NIL,
        "orgAttachmentFileSizeLimit": _ATTACHMENT_BYTES,
        "orgDefaultCurrencyIsoCode": NIL,
        "orgDefaultCurrencyLocale": NIL,
        "orgDisallowHtmlAttachments": False,
        "orgHasPersonAccounts": False,
        "organizationId": org.id,
        "organizationMultiCurrency": True,
        "organizationName": org.settings.organization_name,
        "profileId": row.get("ProfileId") or NIL,
        "roleId": row.get("UserRoleId") or NIL,
        "sessionSecondsValid": _SESSION_SECONDS,
        "userDefaultCurrencyIsoCode": user.currency,
        "userEmail": row.get("Email") or user.username,
        "userFullName": user.name,
        "userId": user.id,
        "userLanguage": "en_US",
        "userLocale": "de_DE",
        "userName": user.username,
        "userTimeZone": "Europe/Berlin",
        "userType": "Standard",
        "userUiSkin": "Theme3",
    }
    if version <= _OLD:
        del info["chatterExternal"], info["orgDefaultCurrencyLocale"]
    return info
