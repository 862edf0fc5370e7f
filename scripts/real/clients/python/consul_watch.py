"""Follows a service by py-consul: each answer becomes a line of JSON on standard output."""

import json
import sys
import time
from urllib.parse import urlsplit

import consul

url, token, service = sys.argv[1:4]
place = urlsplit(url)
client = consul.Consul(host=place.hostname, port=place.port, token=token)



def seen(entries):
    _, services = client.catalog.services()
    _, instances = client.catalog.service(service)
    _, checks = client.health.checks(service)
    _, states = client.health.state("any")
    _, key = client.kv.get("shop/name")
    return {
        "places": sorted(f"{e['Service']['Address']}:{e['Service']['Port']}" for e in entries),
        "metadata": sorted((e["Service"]["ID"], e["Service"]["Meta"]) for e in entries),
        "tags": sorted(services.get(service, [])),
        "nodes": sorted((i["Node"], i["Address"], i["ServiceID"]) for i in instances),
        "checks": sorted((c["ServiceID"], c["Status"]) for c in checks),
        "states": sorted(c["ServiceID"] for c in states if c["ServiceName"] == service),
        "key": key,
    }


index = None
while True:
    try:
        index, entries = client.health.service(service, passing=True, index=index, wait="5s")
        print(json.dumps(seen(entries)), flush=True)
    except consul.ConsulException as error:
        print(error, file=sys.stderr)
        time.sleep(1)
