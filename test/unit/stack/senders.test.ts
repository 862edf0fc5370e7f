import { beforeAll, describe, expect, it } from 'vitest';
import {
  type Context,
  fits,
  holds,
  type Statement,
  statementsOf,
  texts,
} from '../../../scripts/stack/checker/statements.ts';
import { packageStack } from '../../../scripts/stack/package-stack.ts';
import { resolve, type Stack } from '../../../scripts/stack/resolve.ts';
import { at, type Template } from '../../../scripts/stack/template.ts';

let template: Template;
beforeAll(async () => {
  template = await packageStack();
});

/** Who sends, and what IAM knows of the request. */
interface Sender {
  /** A service's name, or none where a principal of some account signs the request. */
  readonly service?: string;
  readonly context: Context;
  /** Whether the sender's own policies let it send to any queue. */
  readonly mayAnything?: boolean;
}

const HERE = 'eu-central-1:111122223333';
const principal = (arn: string): Sender => ({
  context: { 'aws:PrincipalArn': arn, 'aws:PrincipalAccount': arn.split(':')[4] ?? '' },
  mayAnything: true,
});
const service = (name: string, source?: string): Sender => ({
  service: `${name}.amazonaws.com`,
  context: {
    ...(source && { 'aws:SourceArn': source, 'aws:SourceAccount': source.split(':')[4] ?? '' }),
  },
});
const rule = (name: string, place = HERE) =>
  service('events', `arn:aws:events:${place}:rule/${name}`);

const SEND = 'sqs:SendMessage';

/** As IAM decides within one account: any Deny, else an Allow of the queue's or of the sender's. */
const maySend = (stack: Stack, queue: string, sender: Sender): boolean => {
  const target = stack.resources[queue]?.arn ?? '';
  const about = statementsOf(stack).filter(
    ({ actions, resources }) =>
      actions.some((action) => fits(SEND, action)) && resources.some((one) => fits(target, one)),
  );
  const applies = ({ principal: whom, conditions }: Statement) =>
    (whom === '*' || texts(at(whom, 'Service')).some((one) => one === sender.service)) &&
    conditions.every((one) => holds(one, sender.context));
  const ofQueue = about.filter((one) => one.roles.length === 0 && applies(one));
  if (ofQueue.some(({ effect }) => effect === 'Deny')) return false;
  const own = Object.values(stack.resources).find(
    ({ Type, arn }) => Type === 'AWS::IAM::Role' && arn === sender.context['aws:PrincipalArn'],
  );
  return (
    ofQueue.length > 0 ||
    (own ? about.some(({ roles }) => roles.includes(own.ref)) : sender.mayAnything === true)
  );
};

const stackWith = (given: Record<string, string> = {}) =>
  resolve(template, { registries: 'cloudmap,consul,eureka', ...given });
const roleOf = (stack: Stack, name: string): Sender =>
  principal(stack.resources[`${name}Role`]?.arn ?? '');

const STRANGERS: readonly (readonly [string, Sender])[] = [
  ['an administrator', principal('arn:aws:iam::111122223333:role/Admin')],
  ['the account’s root user', principal('arn:aws:iam::111122223333:root')],
  ['a function of somebody else’s', principal('arn:aws:iam::111122223333:role/other-OnTaskEvent')],
  ['a role of another account', principal('arn:aws:iam::999900001111:role/Admin')],
  ['another rule of the account', rule('mine')],
  [
    'a rule of the same name in another account',
    rule('rollcall-dev-task-events', 'eu-central-1:9'),
  ],
  ['a rule of the same name elsewhere', rule('rollcall-dev-task-events', 'us-east-1:111122223333')],
  ['a topic', service('sns', `arn:aws:sns:${HERE}:rollcall-dev-task-events`)],
  ['a bucket', service('s3', 'arn:aws:s3:::rollcall-dev-task-events')],
  ['EventBridge in nobody’s name', service('events')],
];

describe('who may send', () => {
  it.each([{}, { rolePath: '/platform/', kmsKeyArn: 'arn:k' }, { registries: 'consul' }])(
    'to the event queue are our rules, and the functions that ask for looks, under %j',
    (given) => {
      const stack = stackWith(given);
      for (const name of ['rollcall-dev-task-events', 'rollcall-dev-host-events'])
        for (const queue of ['EventQueue', 'EventDeadLetters'])
          expect([name, queue, maySend(stack, queue, rule(name))]).toEqual([name, queue, true]);
      const hasEureka = 'RenewRole' in stack.resources;
      expect(maySend(stack, 'EventQueue', roleOf(stack, 'OnTaskEvent'))).toBe(true);
      expect(maySend(stack, 'EventQueue', roleOf(stack, 'Reconcile'))).toBe(hasEureka);
      if (hasEureka) expect(maySend(stack, 'EventQueue', roleOf(stack, 'Renew'))).toBe(true);
      for (const name of ['Resolve', 'Inspect', 'Operate'])
        expect([name, maySend(stack, 'EventQueue', roleOf(stack, name))]).toEqual([name, false]);
    },
  );

  it('to the renew queue is renew alone', () => {
    const stack = stackWith();
    expect(maySend(stack, 'RenewQueue', roleOf(stack, 'Renew'))).toBe(true);
    for (const name of ['OnTaskEvent', 'Reconcile', 'Resolve', 'Inspect', 'Operate'])
      expect([name, maySend(stack, 'RenewQueue', roleOf(stack, name))]).toEqual([name, false]);
    expect(maySend(stack, 'RenewQueue', rule('rollcall-dev-task-events'))).toBe(false);
  });

  it.each(STRANGERS)('to either queue is not %s', (_, sender) => {
    const stack = stackWith();
    for (const queue of ['EventQueue', 'RenewQueue'])
      expect([queue, maySend(stack, queue, sender)]).toEqual([queue, false]);
  });

  it('would be anybody whose own policy lets them, without the Deny', () => {
    const stack = stackWith();
    const { EventQueuePolicy: _, RenewQueuePolicy: __, ...resources } = stack.resources;
    const bare = { ...stack, resources };
    for (const queue of ['EventQueue', 'RenewQueue'])
      expect(maySend(bare, queue, principal('arn:aws:iam::111122223333:role/Admin'))).toBe(true);
  });

  it('is all that is denied: SQS itself moves what is received in vain, and functions receive', () => {
    const denied = statementsOf(stackWith()).filter(
      ({ effect, roles }) => effect === 'Deny' && roles.length === 0,
    );
    const stack = stackWith();
    const ofQueues = denied.filter(({ resource }) => resource.endsWith('QueuePolicy'));
    expect(ofQueues.map(({ resource }) => resource)).toEqual([
      'EventQueuePolicy',
      'RenewQueuePolicy',
    ]);
    for (const { actions, resources } of ofQueues) {
      expect(actions).toEqual([SEND]);
      expect(resources).not.toContain(stack.resources['EventDeadLetters']?.arn);
    }
  });
});

describe('conditions of IAM', () => {
  const key = 'aws:SourceArn';
  it.each<[string, string[], Context, boolean]>([
    ['ArnEquals', ['arn:a'], { [key]: 'arn:a' }, true],
    ['ArnEquals', ['arn:a'], { 'aws:sourcearn': 'arn:b' }, false],
    ['ArnEquals', ['arn:a'], {}, false],
    ['ArnEqualsIfExists', ['arn:a'], {}, true],
    ['ArnLike', ['arn:*'], { [key]: 'arn:a' }, true],
    ['ArnNotEquals', ['arn:a', 'arn:b'], { [key]: 'arn:b' }, false],
    ['ArnNotEquals', ['arn:a', 'arn:b'], { [key]: 'arn:c' }, true],
    ['ArnNotEquals', ['arn:a'], {}, true],
    ['StringEquals', ['a*'], { [key]: 'ab' }, false],
    ['StringNotLike', ['a*'], { [key]: 'ab' }, false],
    ['StringNotEquals', ['a'], {}, true],
  ])('%s %j of %j: %s', (operator, values, context, expected) => {
    expect(holds({ operator, key, values }, context)).toBe(expected);
  });
});
