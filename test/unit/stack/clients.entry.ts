import { DescribeInstancesCommand, EC2Client, EC2ServiceException } from '@aws-sdk/client-ec2';
import { DescribeTasksCommand, ECSClient, ECSServiceException } from '@aws-sdk/client-ecs';
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';

// Bundled and run by bundle.test.ts: what the SDK still does once its tables have been cut down.
const settings = { endpoint: process.env['ENDPOINT'] ?? '', region: 'eu-west-1', maxAttempts: 1 };
const ec2 = new EC2Client(settings);
const ecs = new ECSClient(settings);
const sqs = new SQSClient(settings);
const events = new EventBridgeClient(settings);
const failure = (call: Promise<unknown>) =>
  call.then(() => undefined).catch((error: unknown) => error);

const hosts = await ec2.send(new DescribeInstancesCommand({ InstanceIds: ['i-1'] }));
const host = hosts.Reservations?.[0]?.Instances?.[0];
const tasks = await ecs.send(new DescribeTasksCommand({ cluster: 'shop', tasks: ['t'] }));
const unknownHost = await failure(ec2.send(new DescribeInstancesCommand({ InstanceIds: ['i-2'] })));
const unknownCluster = await failure(
  ecs.send(new DescribeTasksCommand({ cluster: 'nowhere', tasks: ['t'] })),
);
// The server answers with the digest of `hello`.
const send = (MessageBody: string) =>
  sqs.send(new SendMessageCommand({ QueueUrl: `${settings.endpoint}/q`, MessageBody }));
const sent = await send('hello');
const published = await events.send(
  new PutEventsCommand({ Entries: [{ Source: 's', DetailType: 'd', Detail: '{}' }] }),
);
const garbled = await failure(send('other'));

console.log(
  JSON.stringify({
    launched: host?.LaunchTime instanceof Date && host.LaunchTime.toISOString(),
    zone: host?.Placement?.AvailabilityZone,
    addresses: host?.NetworkInterfaces?.flatMap((one) =>
      one.Ipv6Addresses?.map((ip) => ip.Ipv6Address),
    ),
    started: tasks.tasks?.[0]?.startedAt?.toISOString(),
    version: tasks.tasks?.[0]?.version,
    sent: sent.MessageId,
    published: published.Entries?.[0]?.EventId,
    garbled: garbled instanceof Error && garbled.message,
    unknownHost: unknownHost instanceof EC2ServiceException && unknownHost.name,
    unknownCluster: unknownCluster instanceof ECSServiceException && String(unknownCluster),
  }),
);
