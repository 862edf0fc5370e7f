import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { expect, it } from 'vitest';
import { packageStack } from '../../../scripts/stack/package-stack.ts';
import {
  at,
  deployed,
  type Json,
  list,
  ofType,
  type Template,
  text,
} from '../../../scripts/stack/template.ts';

const PAGE = resolve(import.meta.dirname, '../../../docs/permissions.md');

/** Every right that a parameter can bring, under ids that say whose parameter they are. */
const EVERYTHING = {
  registries: 'cloudmap,consul,eureka',
  vpcId: 'NAMESPACE',
  address: 'public',
  subnetIds: 'subnet',
  securityGroupIds: 'sg',
  secretArns: '`secretArns`',
  parameterArns: '`parameterArns`',
  secretKeyArns: '`secretKeyArns`',
  resolveSecretArns: '`resolveSecretArns`',
  kmsKeyArn: '`kmsKeyArn`',
  publishEvents: 'on',
  pageHistory: 'on',
  tracing: 'Active',
};

interface Statement {
  readonly sid: string;
  readonly actions: readonly string[];
  readonly resources: readonly string[];
  readonly functions: readonly string[];
}

const documented = (page: string): readonly Statement[] => {
  const [, table = ''] = /<!-- statements -->([\s\S]*)<!-- \/statements -->/.exec(page) ?? [];
  const rows = table.split('\n').filter((line) => /^\| [A-Z]/.test(line));
  return rows.map((row) => {
    const [sid = '', actions = '', on = '', functions = '', why = ''] = row
      .split('|')
      .slice(1)
      .map((cell) => cell.trim());
    expect(why, sid).not.toBe('');
    return {
      sid,
      actions: sorted(actions.split(' ')),
      resources: sorted(on.split(' ')),
      functions: sorted(functions.split(' ')),
    };
  });
};

const inTemplate = (template: Template): readonly Statement[] => {
  const found = new Map<string, Statement>();
  for (const { statement, role } of statementsOf(template)) {
    const sid = text(at(statement, 'Sid'));
    const one = {
      sid,
      actions: sorted(list(at(statement, 'Action')).map(text)),
      resources: sorted(list(at(statement, 'Resource')).map(shortened)),
    };
    const before = found.get(sid);
    if (before) expect(before, sid).toMatchObject(one);
    found.set(sid, { ...one, functions: sorted([...(before?.functions ?? []), toFunction(role)]) });
  }
  return [...found.values()];
};

const statementsOf = (template: Template) => {
  const own = ofType(template, 'AWS::IAM::Role').flatMap(([role, { Properties }]) =>
    list(Properties['Policies']).map((one) => ({
      roles: [role],
      document: at(one, 'PolicyDocument'),
    })),
  );
  const attached = ofType(template, 'AWS::IAM::Policy').map(([, { Properties }]) => ({
    roles: list(Properties['Roles']).map((one) => text(at(one, 'Ref'))),
    document: Properties['PolicyDocument'],
  }));
  const managed = ofType(template, 'AWS::IAM::ManagedPolicy').map(([name, { Properties }]) => ({
    roles: ofType(template, 'AWS::IAM::Role')
      .filter(([, role]) =>
        list(role.Properties['ManagedPolicyArns']).some((one) => at(one, 'Ref') === name),
      )
      .map(([role]) => role),
    document: Properties['PolicyDocument'],
  }));
  return [...own, ...attached, ...managed].flatMap(({ roles: all, document }) =>
    all.flatMap((role) =>
      list(at(document, 'Statement')).map((statement) => ({ statement, role })),
    ),
  );
};

const shortened = (resource: Json): string =>
  text(at(resource, 'Fn::Split', 1) ?? resource)
    .replace(/^arn:<AWS::Partition>:\w+:(<AWS::Region>)?:(<AWS::AccountId>)?:/, '')
    .replace('<AWS::StackName>', 'STACK')
    .replace('<PrivateNamespace>', 'NAMESPACE')
    .replace(/^<(\w+?)(\.Arn)?>$/, '$1');

/** `OnTaskEventRole`: `on-task-event`. */
const toFunction = (role: string) =>
  role
    .replace(/Role$/, '')
    .replaceAll(/\B[A-Z]/g, (letter) => `-${letter}`)
    .toLowerCase();

const sorted = (all: readonly string[]) => [...all].sort();
const bySid = (all: readonly Statement[]) => [...all].sort((a, b) => a.sid.localeCompare(b.sid));

it('docs/permissions.md tells every statement of every role, as it is, and no others', async () => {
  const page = await readFile(PAGE, 'utf8');
  const template = deployed(await packageStack(), EVERYTHING);
  expect(bySid(documented(page))).toEqual(bySid(inTemplate(template)));
});
