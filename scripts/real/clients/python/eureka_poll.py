"""Fetches a registry by py_eureka_client, and after each fetch writes what it holds of one
application as a line of JSON to standard output."""

import asyncio
import json
import sys

from py_eureka_client.eureka_client import EurekaClient

url, token, name = sys.argv[1:4]


def seen(client):
    app = client.applications.get_application(name.upper())
    up = app.up_instances if app else []
    return {
        "places": sorted(f"{one.ipAddr}:{one.port.port}" for one in up),
        "metadata": sorted([one.instanceId, dict(one.metadata)] for one in up),
        "vips": sorted(one.vipAddress for one in up),
        "pages": sorted(one.healthCheckUrl for one in up),
    }


async def main():
    client = EurekaClient(
        eureka_server=url,
        eureka_basic_auth_user="rollcall",
        eureka_basic_auth_password=token,
        should_register=False,
        renewal_interval_in_secs=1,
    )
    await client.start()
    while True:
        print(json.dumps(seen(client)), flush=True)
        await asyncio.sleep(0.5)


asyncio.run(main())
