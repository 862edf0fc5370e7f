"""moto as AWS on 127.0.0.1, on the port that is the only argument, with what its ECS and Cloud Map lack.

    POST   /control/ecs/tasks   [task, ...]   adds tasks in the shape of DescribeTasks, or changes members of known ones
    DELETE /control/ecs/tasks   [arn, ...]    forgets tasks, as ECS does an hour after they stopped
    GET    /control/inventory                 how many things of which class every service holds: {"sqs.Queue": 4, ...}

Everything else is moto's. What is patched, and why, stands at each patch.
"""

import json
import logging
import os
import re
import sys
from collections import Counter
from threading import Lock
from types import SimpleNamespace

import refusals
import resources
from moto.cloudformation import models as cloudformation
from moto.cloudformation import parsing
from moto.core.base_backend import BackendDict, BaseBackend
from moto.core.exceptions import JsonRESTError
from moto.core.responses import ActionResult
from moto.ecs.exceptions import InvalidParameterException
from moto.ecs.models import ecs_backends
from moto.ecs.responses import DESCRIBE_TASKS_TAGS, EC2ContainerServiceResponse
from moto.events.models import Rule
from moto.iam.models import ManagedPolicy, Role, iam_backends
from moto.moto_server.werkzeug_app import (
    DomainDispatcherApplication,
    MotoRequestHandler,
    create_backend_app,
)
from moto.servicediscovery.models import ServiceDiscoveryBackend
from moto.utilities.utils import get_partition
from werkzeug.serving import make_server

# Requests are served at once; what moto looks up and then writes is not.
CLOUD_MAP = Lock()


class PushedTask(SimpleNamespace):
    """A task as AWS shows it. moto reads its own tasks by snake_case names, and lets them age whenever they are shown."""

    task_arn = property(lambda self: self.taskArn)
    cluster_arn = property(lambda self: self.clusterArn)
    task_definition_arn = property(lambda self: self.taskDefinitionArn)
    container_instance_arn = property(lambda self: getattr(self, "containerInstanceArn", None))
    desired_status = property(lambda self: self.desiredStatus)
    launch_type = property(lambda self: getattr(self, "launchType", None))
    started_by = property(lambda self: getattr(self, "startedBy", None))
    group = None

    def advance(self):
        pass


def tasks_of(arn):
    """arn:aws:ecs:REGION:ACCOUNT:task/CLUSTER/ID"""
    region, account = arn.split(":")[3:5]
    return ecs_backends[account][region].tasks.setdefault(arn.split("/")[1], {})


def push(task):
    known = tasks_of(task["taskArn"])
    if task["taskArn"] in known:
        vars(known[task["taskArn"]]).update(task)
    else:
        known[task["taskArn"]] = PushedTask(**task)


def inventory():
    """All that can be reached from the services, whatever the service: what a stack leaves behind has no list of its own."""
    found = Counter()
    seen = set()
    stack = [one for service in list(BackendDict._instances) for _, _, one in service.iter_backends()]
    while stack:
        one = stack.pop()
        if id(one) in seen:
            continue
        seen.add(id(one))
        if isinstance(one, dict):
            stack.extend(one.values())
        elif isinstance(one, (list, tuple, set)):
            stack.extend(one)
        elif type(one).__module__.startswith("moto."):
            stack.extend(vars(one).values() if hasattr(one, "__dict__") else ())
            if not isinstance(one, BaseBackend):
                found[f"{type(one).__module__.split('.')[1]}.{type(one).__name__}"] += 1
    return dict(sorted(found.items()))


def control(environ):
    if environ["PATH_INFO"] == "/control/inventory":
        return inventory()
    arguments = json.loads(environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0)))
    for each in arguments:
        if environ["REQUEST_METHOD"] == "DELETE":
            tasks_of(each).pop(each, None)
        else:
            push(each)
    return {"tasks": len(arguments)}


def tasks_in(response):
    cluster = response.ecs_backend._get_cluster(response._get_param("cluster", "default"))
    return cluster, {task.task_arn: task for task in response.ecs_backend.tasks.get(cluster.name, {}).values()}


def last(arn):
    return arn.rsplit("/", 1)[-1]


def list_tasks(self):
    """moto neither pages nor filters by service or launch type, and lists stopped tasks unasked."""
    _, known = tasks_in(self)
    tests = {
        "containerInstance": lambda task, wanted: last(task.container_instance_arn or "") == last(wanted),
        "family": lambda task, wanted: last(task.task_definition_arn).rsplit(":", 1)[0] == wanted,
        "startedBy": lambda task, wanted: task.started_by == wanted,
        "serviceName": lambda task, wanted: task.group == f"service:{last(wanted)}",
        "launchType": lambda task, wanted: task.launch_type == wanted,
        "desiredStatus": lambda task, wanted: task.desired_status == wanted,
    }
    asked = {name: self._get_param(name) for name in tests}
    asked["desiredStatus"] = asked["desiredStatus"] or "RUNNING"
    arns = sorted(
        arn
        for arn, task in known.items()
        if all(wanted is None or tests[name](task, wanted) for name, wanted in asked.items())
    )
    return ActionResult(page("taskArns", arns, self))


def list_container_instances(self):
    """moto neither pages nor filters: the news of one host would be about all."""
    cluster = self.ecs_backend._get_cluster(self._get_param("cluster", "default"))
    known = self.ecs_backend.container_instances.get(cluster.name, {}).values()
    status, query = self._get_param("status"), self._get_param("filter")
    asked = query and re.fullmatch(r"ec2InstanceId in \[(i-[0-9a-f]+(?:, i-[0-9a-f]+)*)\]", query)
    if query and not asked:
        raise InvalidParameterException(f"filter: known here is ec2InstanceId in [...], not {query}")
    hosts = asked and asked[1].split(", ")
    arns = sorted(
        each.container_instance_arn
        for each in known
        if (status is None or each.status == status) and (hosts is None or each.ec2_instance_id in hosts)
    )
    return ActionResult(page("containerInstanceArns", arns, self))


def page(name, arns, request):
    token, size = request._get_param("nextToken"), request._get_param("maxResults")
    size = 100 if size is None else int(size)
    if not 1 <= size <= 100:
        raise InvalidParameterException("maxResults: expected 1 to 100.")
    rest = [arn for arn in arns if token is None or arn > token]
    following = {"nextToken": rest[size - 1]} if len(rest) > size else {}
    return {name: rest[:size], **following}


def describe_tasks(self):
    """moto ignores the cluster and the quota, calls no task missing, and lets each task age towards STOPPED."""
    cluster, known = tasks_in(self)
    asked = self._get_param("tasks", [])
    if not 1 <= len(asked) <= 100:
        raise InvalidParameterException("tasks: expected 1 to 100 identifiers.")
    prefix = cluster.arn.replace(":cluster/", ":task/")
    arns = list(dict.fromkeys(arn if ":" in arn else f"{prefix}/{arn}" for arn in asked))
    if "TAGS" in self._get_param("include", []):
        self._include_in_response(DESCRIBE_TASKS_TAGS)
    else:
        self._exclude_from_response(DESCRIBE_TASKS_TAGS)
    return ActionResult(
        {
            "tasks": [known[arn] for arn in arns if arn in known],
            "failures": [{"arn": arn, "reason": "MISSING"} for arn in arns if arn not in known],
        }
    )


def wrap(owner, name, make):
    setattr(owner, name, make(getattr(owner, name)))


class ServiceAlreadyExists(JsonRESTError):
    def __init__(self, name):
        super().__init__("ServiceAlreadyExists", f"Service already exists: {name}")


def one_of_a_name(original):
    """moto makes a second service of the same name, so that two functions that start at once write to two."""

    def create_service(self, name, namespace_id, **options):
        with CLOUD_MAP:
            names = {each.name.lower() for each in self.services.values() if each.namespace_id == namespace_id}
            if name.lower() in names:
                raise ServiceAlreadyExists(name)
            return original(self, name, namespace_id, **options)

    return create_service


def register_once(original):
    """moto keeps a second record of the same id, and takes the first health for an attribute."""

    def register_instance(self, **options):
        with CLOUD_MAP:
            return replace(self, **options)

    def replace(self, service_id, instance_id, creator_request_id, attributes):
        service = self.get_service(service_id)
        kept = {name: value for name, value in attributes.items() if name != "AWS_INIT_HEALTH_STATUS"}
        service.instances[:] = [each for each in service.instances if each.instance_id != instance_id]
        operation = original(self, service_id, instance_id, creator_request_id, kept)
        health = attributes.get("AWS_INIT_HEALTH_STATUS")
        if health:
            self.get_instance(service_id, instance_id).health_status = health
        return operation

    return register_instance


def matching_only(original):
    """moto's schedules match every event, and its disabled rules still send."""

    def send_to_targets(self, *arguments, **options):
        if self.state != "DISABLED" and not self.scheduled_expression:
            original(self, *arguments, **options)

    return send_to_targets


def errors_only(original):
    """moto calls a template invalid for what its linter merely warns of."""
    return lambda template: [match for match in original(template) if match.rule.id.startswith("E")]


def where_it_holds(original):
    """moto updates also what a condition leaves out, and fails over what is not there."""

    def parse_and_update_resource(logical_id, resource_json, resources_map, *arguments, **options):
        condition = resource_json.get("Condition")
        if condition and not resources_map.lazy_condition_map[condition]:
            return None
        return original(logical_id, resource_json, resources_map, *arguments, **options)

    return parse_and_update_resource


def as_json(original):
    """moto shows a role's policy out of a template as Python prints it, and fails over the list of all roles' details."""

    def put_policy(self, policy_name, policy_json):
        original(self, policy_name, policy_json if isinstance(policy_json, str) else json.dumps(policy_json))

    return put_policy


def delete_managed_policy(arn, resource, account, region):
    """moto leaves a stack's managed policies behind."""
    iam_backends[account][get_partition(region)].delete_policy(arn)


EC2ContainerServiceResponse.list_container_instances = list_container_instances
EC2ContainerServiceResponse.list_tasks = list_tasks
EC2ContainerServiceResponse.describe_tasks = describe_tasks
wrap(ServiceDiscoveryBackend, "create_service", one_of_a_name)
wrap(ServiceDiscoveryBackend, "register_instance", register_once)
wrap(Rule, "send_to_targets", matching_only)
wrap(parsing, "parse_and_update_resource", where_it_holds)
wrap(Role, "put_policy", as_json)
ManagedPolicy.delete_from_cloudformation_json = staticmethod(delete_managed_policy)
wrap(cloudformation, "validate_template_cfn_lint", errors_only)
resources.install(wrap)
refusals.install(wrap)


def serve():
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    moto = DomainDispatcherApplication(create_backend_app)

    def application(environ, start_response):
        if not environ["PATH_INFO"].startswith("/control/"):
            return moto(environ, start_response)
        body = json.dumps(control(environ)).encode()
        start_response("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
        return [body]

    port = int(sys.argv[1])
    # Some of moto asks this variable for its own address.
    os.environ["MOTO_PORT"] = str(port)
    make_server("127.0.0.1", port, application, threaded=True, request_handler=MotoRequestHandler).serve_forever()


if __name__ == "__main__":
    serve()
