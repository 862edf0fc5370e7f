"""Reads {name: policy document} from standard input, prints parliament's findings as [{name, issue, detail}, ...]."""

import json
import sys

from parliament import analyze_policy_string

print(
    json.dumps(
        [
            {"name": name, "issue": finding.issue, "detail": str(finding.detail)}
            for name, document in json.load(sys.stdin).items()
            for finding in analyze_policy_string(json.dumps(document), ignore_private_auditors=True).findings
        ]
    )
)
