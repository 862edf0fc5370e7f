"""Asks AWS, by AWS's own client. Standard input: [[service, operation, parameters], ...], with boto3's names.

Prints the answers in the same order, as JSON, of pages all. Endpoint, region and credentials are the environment's.
"""

import json
import sys

import boto3


def ask(service, operation, parameters):
    client = boto3.client(service)
    if client.can_paginate(operation):
        return client.get_paginator(operation).paginate(**parameters).build_full_result()
    answer = getattr(client, operation)(**parameters)
    return {name: value for name, value in answer.items() if name != "ResponseMetadata"}


print(json.dumps([ask(*each) for each in json.load(sys.stdin)], default=str))
