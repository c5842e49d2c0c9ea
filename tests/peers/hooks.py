"""What Schemathesis must know of the providers beyond what a schema can say: credentials, and rules told in prose.

The credentials come from the environment, as `enroll-sandbox` prints it; `ENROLL_PROVIDER` says whose spec it is.
"""

import base64
import hashlib
import hmac
import itertools
import json
import os
import time
import urllib.parse
import urllib.request

import schemathesis

def haptik(_):
    return {
        "Authorization": f"Bearer {os.environ['HAPTIK_TOKEN']}",
        "client-id": os.environ["HAPTIK_CLIENT_ID"],
    }


def original(_):
    claims = {"resource": "*", "action": "*", "user_id": "*", "exp": int(time.time()) + 300}
    signed = ".".join(encode(json.dumps(part).encode()) for part in ({"alg": "HS256", "typ": "JWT"}, claims))
    key = os.environ["ORIGINAL_API_SECRET"].encode()
    signature = encode(hmac.digest(key, signed.encode(), hashlib.sha256))
    return {"X-API-KEY": os.environ["ORIGINAL_API_KEY"], "Authorization": f"Bearer {signed}.{signature}"}


def encode(part):
    return base64.urlsafe_b64encode(part).rstrip(b"=").decode()


def streambird(_):
    return {"Authorization": f"Bearer {os.environ['STREAMBIRD_API_KEY']}"}


def digipay(operation):
    client = f"{os.environ['DIGIPAY_CLIENT_ID']}:{os.environ['DIGIPAY_CLIENT_SECRET']}"
    basic = "Basic " + base64.b64encode(client.encode()).decode()
    if operation == "authenticate":
        return {"Authorization": basic}
    url = os.environ["DIGIPAY_BASE_URL"] + "/digipay/v3/auth/authenticate"
    request = urllib.request.Request(url, method="POST", headers={"Authorization": basic})
    with urllib.request.urlopen(request) as answer:
        token = json.load(answer)["data"]["access_token"]
    return {"Authorization": f"Token {token}", "CompanyID": os.environ["DIGIPAY_COMPANY_ID"]}


def good_for_every_operation(_):
    """What the sandbox itself says of a provider that it knows by its spec alone."""
    address = urllib.parse.urlsplit(os.environ["ENROLL_BASE_URL"])
    with urllib.request.urlopen(f"{address.scheme}://{address.netloc}/_control/state") as answer:
        return json.load(answer)["providers"][os.environ["ENROLL_PROVIDER"]]["headers"]


CREDENTIALS = {"digipay": digipay, "haptik": haptik, "original": original, "streambird": streambird}


@schemathesis.auth(
    cache_by_key=lambda case, _: case.operation.definition.raw["operationId"],
)
class Credentials:
    """The headers of a provider's credentials, which differ between its operations."""

    def get(self, case, context):
        credentials = CREDENTIALS.get(os.environ["ENROLL_PROVIDER"], good_for_every_operation)
        return credentials(context.operation.definition.raw["operationId"])

    def set(self, case, data, context):
        case.headers.update(data)


@schemathesis.hook
def before_call(context, case, kwargs):
    """Makes a request that is valid by its schema one that the provider's prose allows too.

    Requests that are meant to be wrong stay as they are.
    """
    rule = RULES.get((os.environ["ENROLL_PROVIDER"], case.operation.definition.raw["operationId"]))
    if rule and case.meta and case.meta.generation.mode.is_positive:
        rule(case)


def haptik_user(case):
    # An identifier names somebody, and so does a language.
    for name in ("auth_id", "language_code"):
        if case.body.get(name) == "":
            case.body[name] = "a"
    # "It must be flat": Haptik counts nested data as invalid.
    data = case.body.get("custom_data", {})
    for name in [name for name, value in data.items() if isinstance(value, dict)]:
        data[name] = "flat"


NUMBERS = itertools.count(1)
SENT = set()


def original_user(case):
    # Both keys are unique, and a repeat is refused with 400.
    for name, new in (("user_external_id", "member-{}"), ("email", "member-{}@example.com")):
        if case.body.get(name) in SENT:
            case.body[name] = new.format(next(NUMBERS))
        if case.body.get(name) is not None:
            SENT.add(case.body[name])


def original_lookup(case):
    # "Give exactly one of the two parameters."
    if not case.query:
        case.query = {"email": "ada@example.com"}


def streambird_wallet(case):
    known(case, case.body, "wallet_type", "WalletType")


def streambird_search(case):
    # A cursor is the id of a user, which one request alone cannot know.
    case.body.pop("starting_after", None)
    filters = case.body.get("filters", {})
    known(case, filters, "operator", "SearchConjunction")
    for condition in filters.get("fields", []):
        known(case, condition, "field", "SearchField")
        known(case, condition, "operator", "SearchOperator")
        # "The fields that end in `_match` take `eq`", and each operator has operands of its own.
        if condition["field"].endswith("_match"):
            condition["operator"] = "eq"
        for name, value in (("value", "a"), ("second_value", "b"), ("values", ["a"])):
            condition.setdefault(name, value)


def digipay_user(case):
    # The pages say "Int"; one of more than 64 bits is nobody's status or kind.
    for name, value in case.body.items():
        if isinstance(value, int) and not isinstance(value, bool):
            case.body[name] = max(-(2**63), min(value, 2**63 - 1))


def known(case, body, name, schema):
    """Keeps to the documented part of an open vocabulary: what it grows by is the provider's to say."""
    values = case.operation.schema.raw_schema["components"]["schemas"][schema]["anyOf"][0]["enum"]
    if name in body and body[name] not in values:
        body[name] = values[0]


RULES = {
    ("digipay", "userRegister"): digipay_user,
    ("digipay", "updateUser"): digipay_user,
    ("haptik", "createUser"): haptik_user,
    ("haptik", "updateUser"): haptik_user,
    ("haptik", "updateUserLanguage"): haptik_user,
    ("original", "createUser"): original_user,
    ("original", "findUser"): original_lookup,
    ("streambird", "createUser"): streambird_wallet,
    ("streambird", "createWallet"): streambird_wallet,
    ("streambird", "searchUsers"): streambird_search,
}
