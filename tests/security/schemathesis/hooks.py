"""What Schemathesis has to know about this API beside its description. Exclusions of checks are in schemathesis.toml."""

import json
import os
import unicodedata

import schemathesis
from hypothesis import strategies

# What tus sends: any bytes.
schemathesis.openapi.media_type("application/offset+octet-stream", strategies.binary())

TOKEN = os.environ.get("FANONE_TOKEN", "")
OWN_VIDEO = os.environ.get("FANONE_OWN_VIDEO", "")
V1 = ("/v1/", "/.well-known/")
INTERNAL = 10001


def is_positive(case):
    return case.meta is not None and case.meta.generation.mode.is_positive


def has_blanks_around(value):
    if isinstance(value, dict):
        return any(has_blanks_around(part) for part in value.values())
    return isinstance(value, str) and value != value.strip().strip("\ufeff")


def has_unassigned(body):
    """Schemathesis takes the whole block U+20D0 to U+20FF for `\\p{M}`, with 15 code points that are nothing yet."""
    name = body.get("username") if isinstance(body, dict) else None
    return isinstance(name, str) and any(unicodedata.category(character) == "Cn" for character in name)


@schemathesis.hook
def filter_case(context, case):
    """Blanks around a text are cut off before it is measured, which `maxLength` cannot say."""
    if is_positive(case) and has_unassigned(case.body):
        return False
    data = case.meta.phase.data if case.meta else None
    if "larger than maxLength" not in getattr(data, "description", ""):
        return True
    return not has_blanks_around(dict(case.query or {})) and not has_blanks_around(case.body)


@schemathesis.hook
def before_call(context, case, kwargs):
    """Good requests get what no schema can make up: the token of the caller, and an id of something that is theirs."""
    if not is_positive(case):
        return
    query = case.query or {}
    # A cursor is only what a page before has given out.
    query.pop("cursor", None)
    if TOKEN and case.path.startswith("/douyin/") and "token" in query:
        query["token"] = TOKEN
    if case.path == "/v1/videos" and isinstance(case.body, dict):
        # A form has room for few more fields than are declared, with short names, which its description cannot say.
        case.body = {name: value for name, value in case.body.items() if name in ("title", "description", "file", "uploadId")}
    path = case.path_parameters or {}
    is_even = str(path.get("id", "")).endswith(("0", "2", "4", "6", "8"))
    if OWN_VIDEO and case.path == "/v1/videos/{id}" and case.method != "DELETE" and is_even:
        path["id"] = int(OWN_VIDEO)


@schemathesis.check
def compatibility_apis_have_no_internal_error(ctx, response, case):
    """HTTP 200 always: the code of the envelope says what a status of 500 and more says elsewhere."""
    if case.path.startswith(V1) or response.status_code != 200:
        return
    body = json.loads(response.content)
    code = body["base"]["code"] if "base" in body else body["status_code"]
    assert code != INTERNAL, "the code of an internal error"
