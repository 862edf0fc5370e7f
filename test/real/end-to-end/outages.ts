import { GetQueueAttributesCommand } from '@aws-sdk/client-sqs';
import { expect, test } from 'vitest';
import { eventually } from '../../contract/stage.ts';
import { FOREIGN, plantInConsul, plantInEureka } from './foreign.ts';
import { grantToken } from './servers.ts';
import { fargateTasks, type Stage } from './stage.ts';
import { fetchText } from './views.ts';

/** What nobody tells, and what is lost: found by schedule. */
export const outageFacts = (stage: () => Stage): void => {
  test('a reconcile changes nothing when no event was lost', async () => {
    const { tasks, registries } = await stage().reconcile();
    const { size } = stage().fleet;
    // Two tasks run, as ECS has it, on each of the two hosts that are lost.
    expect(tasks).toBe(size + 4);
    expect(registries).toMatchObject({
      cloudmap: { records: size + FOREIGN.length, drift: 0 },
      consul: { records: size, drift: 0 },
      eureka: { records: size + FOREIGN.length, drift: 0 },
    });
  });

  test('a reconcile repairs what lost events would have said', async () => {
    const { account, change, of } = stage();
    await change(fargateTasks('web', { count: 20, first: 500, account }), {});
    await change(of('api').slice(0, 20), { desiredStatus: 'STOPPED' });
    await stage().reconcile();
    await stage().shown();
  });

  test('a renamed service is found under its new name alone', async () => {
    const { account, fleet, functions, of } = stage();
    await account.tagDefinition('checked', 'rollcall:name', 'verified');
    for (const member of of('checked'))
      fleet.set(member.task.taskArn, { ...member, service: 'verified' });
    functions.retire('reconcile');
    await stage().reconcile();
    await stage().shown();
  });

  test('while Consul is down the others are written to, and an empty one is filled again', async () => {
    const { servers, account, happen, consulToken } = stage();
    await servers.consul.kill();
    await happen(fargateTasks('web', { count: 5, first: 700, account }), {});
    await stage().shown('cloudmap', 'eureka');
    const server = await servers.consul.restart();
    await plantInConsul(server);
    // The old token is unknown to the new server: functions that are warm must read the secret
    // again.
    await account.changeSecret(consulToken, await grantToken(server));
    await stage().reconcile();
    await stage().shown();
  });

  test('an empty Eureka is filled again', async () => {
    const { servers } = stage();
    await servers.eureka.kill();
    await plantInEureka(await servers.eureka.restart());
    await stage().reconcile();
    await stage().shown();
  });

  test('every lease of ours is renewed, and nobody else’s', async () => {
    const { servers, functions, fleet } = stage();
    const renewals = async () => {
      const { applications } = JSON.parse(
        await fetchText(`${servers.eureka.server().url}/apps`, { accept: 'application/json' }),
      );
      const applied: readonly { readonly instance: readonly Leased[] }[] = applications.application;
      return new Map(
        applied
          .flatMap(({ instance }) => instance)
          .map((one) => [one.instanceId, one.leaseInfo.lastRenewalTimestamp]),
      );
    };
    const before = await renewals();
    await functions.invoke('renew', {});
    // A renewal makes no list new; its age does.
    await eventually(async () => {
      const renewed = [...(await renewals())].filter(([id, at]) => at > (before.get(id) ?? 0));
      expect(renewed).toHaveLength(fleet.size);
      expect(renewed.map(([id]) => id)).not.toContain('web-1');
    });
  });

  test('a scheduled renewal leaves one for half a minute later, which leaves none', async () => {
    const { account, functions } = stage();
    const waiting = async () => {
      const command = new GetQueueAttributesCommand({
        QueueUrl: account.renewQueueUrl,
        AttributeNames: ['All'],
      });
      const { Attributes = {} } = await account.sqs.send(command);
      return (
        Number(Attributes.ApproximateNumberOfMessages) +
        Number(Attributes.ApproximateNumberOfMessagesDelayed)
      );
    };
    const before = await waiting();
    expect(before).toBe(1);
    await functions.invoke('renew', {
      Records: [{ messageId: '1', body: '{"rollcall":1,"kind":"renew"}' }],
    });
    expect(await waiting()).toBe(before);
  });
};

interface Leased {
  readonly instanceId: string;
  readonly leaseInfo: { readonly lastRenewalTimestamp: number };
}
