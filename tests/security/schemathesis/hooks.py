"""What Schemathesis has to know about this API beside its description. Exclusions of checks are in schemathesis.toml."""

import json
import os

import schemathesis

TOKEN = os.environ.get("FANONE_TOKEN", "")
OWN_VIDEO = os.environ.get("FANONE_OWN_VIDEO", "")
COMPAT = ("/user/", "/video/", "/douyin/")
SUCCESS = (0, 10000)


def is_compat(case):
    return case.path.startswith(COMPAT)


def is_positive(case):
    return case.meta is not None and case.meta.generation.mode.is_positive


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
    path = case.path_parameters or {}
    if OWN_VIDEO and case.path == "/v1/videos/{id}" and case.method != "DELETE" and str(path.get("id", "")).endswith(("0", "2", "4")):
        path["id"] = int(OWN_VIDEO)


@schemathesis.check
def compatibility_apis_refuse_in_their_envelope(ctx, response, case):
    """HTTP 200 always; the code of the envelope says what the status says elsewhere."""
    if not is_compat(case) or response.status_code != 200:
        return
    body = json.loads(response.content)
    code = body["base"]["code"] if "base" in body else body["status_code"]
    if code == 10001:
        raise AssertionError("the code of an internal error")
    if case.meta is not None and case.meta.generation.mode.is_negative and code in SUCCESS:
        if any(value in ("parameters", "query", "body") for value in negative_places(case)):
            raise AssertionError("invalid input was accepted")


def negative_places(case):
    return []
