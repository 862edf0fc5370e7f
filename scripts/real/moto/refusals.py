"""What AWS refuses and moto takes. `install` puts it into moto; docs/decisions/stack.md has the sources."""

import json

from moto.core.exceptions import JsonRESTError
from moto.servicediscovery.models import ServiceDiscoveryBackend
from moto.sqs.exceptions import InvalidAttributeValue, InvalidParameterValue
from moto.sqs.models import SQSBackend
from moto.ssm.exceptions import ValidationException
from moto.ssm.models import SimpleSystemManagerBackend


class NamespaceAlreadyExists(JsonRESTError):
    def __init__(self, name):
        super().__init__("NamespaceAlreadyExists", f"The namespace that you're trying to create already exists: {name}")


class ResourceInUse(JsonRESTError):
    def __init__(self, namespace_id):
        super().__init__("ResourceInUse", f"Namespace {namespace_id} has services")


def as_list(value):
    return value if isinstance(value, list) else [value]


def check_policy(queue, policy):
    """A statement of a queue's policy has one resource: that queue."""
    document = json.loads(policy) if isinstance(policy, str) else policy
    for statement in as_list(document["Statement"]):
        if as_list(statement.get("Resource")) not in ([queue.queue_arn], ["*"]):
            raise InvalidAttributeValue("Policy")


def is_true(value):
    return str(value).lower() == "true"


def check_encryption(attributes):
    if attributes.get("KmsMasterKeyId") and is_true(attributes.get("SqsManagedSseEnabled")):
        raise InvalidParameterValue("You can use one type of server-side encryption (SSE) at one time.")


def create_queue(original):
    def create(self, name, tags=None, **attributes):
        check_encryption(attributes)
        return original(self, name, tags, **attributes)

    return create


def set_queue_attributes(original):
    """Whether a key alone turns the other encryption off is told both ways: here it does not."""

    def set_attributes(self, queue_name, attributes):
        queue = self.get_queue(queue_name)
        check_encryption({"SqsManagedSseEnabled": queue.sqs_managed_sse_enabled, **attributes})
        if attributes.get("Policy"):
            check_policy(queue, attributes["Policy"])
        return original(self, queue_name, attributes)

    return set_attributes


def put_parameter(original):
    def put(self, name, description, value, *arguments, **options):
        if "{{" in (value or ""):
            raise ValidationException(
                "Parameter value can't nest another parameter. Do not use \"{{}}\" in the value."
            )
        return original(self, name, description, value, *arguments, **options)

    return put


def name_is_free(taken):
    """`taken`: whether a namespace that is there keeps one of the same name from being made."""

    def make(original):
        def create(self, name, *arguments, **options):
            if any(one.name == name and taken(one, options) for one in self.namespaces.values()):
                raise NamespaceAlreadyExists(name)
            return original(self, name, *arguments, **options)

        return create

    return make


def delete_namespace(original):
    def delete(self, namespace_id):
        if any(one.namespace_id == namespace_id for one in self.services.values()):
            raise ResourceInUse(namespace_id)
        return original(self, namespace_id)

    return delete


def install(wrap):
    wrap(SQSBackend, "create_queue", create_queue)
    wrap(SQSBackend, "set_queue_attributes", set_queue_attributes)
    wrap(SimpleSystemManagerBackend, "put_parameter", put_parameter)
    wrap(ServiceDiscoveryBackend, "create_http_namespace", name_is_free(lambda one, asked: True))
    in_vpc = name_is_free(lambda one, asked: one.vpc is None or one.vpc == asked.get("vpc"))
    wrap(ServiceDiscoveryBackend, "create_private_dns_namespace", in_vpc)
    wrap(ServiceDiscoveryBackend, "delete_namespace", delete_namespace)
