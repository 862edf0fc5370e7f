"""Resources that moto makes, changes or deletes by calls, but not out of a template.

Each is a model that moto finds by its CloudFormation type once this module is imported."""

import json

from moto.cloudformation import models as cloudformation
from moto.cloudformation import parsing
from moto.core.common_models import CloudFormationModel
from moto.servicediscovery.models import servicediscovery_backends
from moto.sqs.models import Queue, sqs_backends


class QueuePolicy(CloudFormationModel):
    """AWS::SQS::QueuePolicy: one document for each queue that it names."""

    # moto counts what it makes by the second word of the module.
    __module__ = "moto.sqs.models"

    def __init__(self, physical_resource_id, queues):
        self.physical_resource_id = physical_resource_id
        self.queues = queues

    @staticmethod
    def cloudformation_name_type():
        return ""

    @staticmethod
    def cloudformation_type():
        return "AWS::SQS::QueuePolicy"

    @classmethod
    def has_cfn_attr(cls, attr):
        return attr == "Id"

    @classmethod
    def create_from_cloudformation_json(cls, resource_name, cloudformation_json, account_id, region_name, **_):
        properties = cloudformation_json["Properties"]
        policy = json.dumps(properties["PolicyDocument"])
        names = [url.split("/")[-1] for url in properties["Queues"]]
        for name in names:
            sqs_backends[account_id][region_name].set_queue_attributes(name, {"Policy": policy})
        return cls(resource_name, names)

    @classmethod
    def update_from_cloudformation_json(
        cls, original_resource, new_resource_name, cloudformation_json, account_id, region_name
    ):
        name = original_resource.physical_resource_id
        return cls.create_from_cloudformation_json(name, cloudformation_json, account_id, region_name)

    def delete(self, account_id, region_name):
        known = sqs_backends[account_id][region_name].queues
        for name in self.queues:
            if name in known:
                known[name].policy = None


class MadeNamespace:
    """A namespace of Cloud Map as a template sees it: `Ref` is its id."""

    def __init__(self, namespace):
        self.namespace = namespace
        self.physical_resource_id = namespace.id

    @staticmethod
    def cloudformation_name_type():
        return ""

    @classmethod
    def has_cfn_attr(cls, attr):
        return attr in ("Arn", "Id")

    def get_cfn_attribute(self, attribute_name):
        return {"Arn": self.namespace.arn, "Id": self.namespace.id}[attribute_name]

    @classmethod
    def create_from_cloudformation_json(cls, resource_name, cloudformation_json, account_id, region_name, **_):
        backend = servicediscovery_backends[account_id][region_name]
        before = set(backend.namespaces)
        cls.make(backend, resource_name, cloudformation_json["Properties"])
        [made] = set(backend.namespaces) - before
        return cls(backend.namespaces[made])

    @classmethod
    def update_from_cloudformation_json(
        cls, original_resource, new_resource_name, cloudformation_json, account_id, region_name
    ):
        """Only the description can be changed; whatever else changes takes another namespace."""
        properties, namespace = cloudformation_json["Properties"], original_resource.namespace
        if properties["Name"] == namespace.name and properties.get("Vpc") == namespace.vpc:
            namespace.description = properties.get("Description")
            return original_resource
        made = cls.create_from_cloudformation_json(new_resource_name, cloudformation_json, account_id, region_name)
        original_resource.delete(account_id, region_name)
        return made

    def delete(self, account_id, region_name):
        servicediscovery_backends[account_id][region_name].delete_namespace(self.namespace.id)


class HttpNamespace(MadeNamespace, CloudFormationModel):
    __module__ = "moto.servicediscovery.models"

    @staticmethod
    def cloudformation_type():
        return "AWS::ServiceDiscovery::HttpNamespace"

    @staticmethod
    def make(backend, name, properties):
        backend.create_http_namespace(properties["Name"], name, properties.get("Description"), [])


class PrivateDnsNamespace(MadeNamespace, CloudFormationModel):
    __module__ = "moto.servicediscovery.models"

    @staticmethod
    def cloudformation_type():
        return "AWS::ServiceDiscovery::PrivateDnsNamespace"

    @staticmethod
    def make(backend, name, properties):
        backend.create_private_dns_namespace(
            properties["Name"], name, properties.get("Description"), vpc=properties["Vpc"], tags=[], properties={}
        )


def encrypted_anew(original):
    """moto's update of a queue leaves its encryption as it was."""

    def update(original_resource, new_resource_name, cloudformation_json, account_id, region_name):
        properties = cloudformation_json["Properties"]
        names = ("KmsMasterKeyId", "SqsManagedSseEnabled")
        attributes = {name: properties[name] for name in names if name in properties}
        backend, policy = sqs_backends[account_id][region_name], original_resource.policy
        # It forgets the policy with each change of anything else.
        backend.set_queue_attributes(original_resource.name, {**attributes, "Policy": policy})
        return original(original_resource, new_resource_name, cloudformation_json, account_id, region_name)

    return update


def without_nothing(original):
    """moto leaves a hole in a list where AWS::NoValue stands."""

    def is_nothing(value):
        return isinstance(value, dict) and ("Fn::If" in value or value.get("Ref") == "AWS::NoValue")

    def clean_json(resource_json, resources_map):
        cleaned = original(resource_json, resources_map)
        if not isinstance(resource_json, list):
            return cleaned
        pairs = zip(resource_json, cleaned, strict=True)
        return [after for before, after in pairs if after is not None or not is_nothing(before)]

    return clean_json


def made(stack):
    """moto lists what it has not made besides, and fails over it when one of a stack's resources is asked for."""
    return [one for one in stack.resource_map.values() if one is not None]


def install(wrap):
    cloudformation.Stack.stack_resources = property(made)
    wrap(parsing, "clean_json", without_nothing)
    wrap(Queue, "update_from_cloudformation_json", encrypted_anew)
