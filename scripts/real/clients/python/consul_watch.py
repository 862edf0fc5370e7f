"""Follows a service by py-consul: each answer becomes a line of JSON on standard output."""

import json
import sys
from urllib.parse import urlsplit

import consul

url, token, service = sys.argv[1:4]
place = urlsplit(url)
client = consul.Consul(host=place.hostname, port=place.port, token=token)

index = None
while True:
    index, entries = client.health.service(service, passing=True, index=index, wait="5s")
    _, services = client.catalog.services()
    _, instances = client.catalog.service(service)
    _, checks = client.health.checks(service)
    _, states = client.health.state("any")
    _, key = client.kv.get("shop/name")
    seen = {
        "places": sorted(f"{e['Service']['Address']}:{e['Service']['Port']}" for e in entries),
        "metadata": sorted((e["Service"]["ID"], e["Service"]["Meta"]) for e in entries),
        "tags": sorted(services.get(service, [])),
        "nodes": sorted((i["Node"], i["Address"], i["ServiceID"]) for i in instances),
        "checks": sorted((c["ServiceID"], c["Status"]) for c in checks),
        "states": sorted(c["ServiceID"] for c in states if c["ServiceName"] == service),
        "key": key,
    }
    print(json.dumps(seen), flush=True)
