import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { EXAMPLES } from '../../scripts/docs/examples.ts';
import { audit, type Finding, parliamentPython } from '../../scripts/real/parliament.ts';
import { policiesOf } from '../../scripts/stack/checker/statements.ts';
import { packageStack } from '../../scripts/stack/package-stack.ts';
import { resolve as resolved } from '../../scripts/stack/resolve.ts';
import type { Parameters, Template } from '../../scripts/stack/template.ts';
import { withReal } from './real.ts';

/** Those of roles; parliament knows none of queues and buckets. */
const policyDocuments = (template: Template, given: Parameters) =>
  Object.fromEntries(
    policiesOf(resolved(template, given))
      .filter(({ roles }) => roles.length > 0)
      .map(({ resource, document }) => [resource, document]),
  );

const LINT = resolve(import.meta.dirname, '../../scripts/cfn-lint.sh');

const { namespace: _, ...examples } = EXAMPLES;
const EVERYTHING: Parameters = {
  ...examples,
  registries: 'cloudmap,consul,eureka',
  address: 'public',
};

/** Findings that stay, each with its reason. */
const DECIDED: readonly {
  readonly issue: string;
  readonly about: RegExp;
  readonly because: string;
}[] = [
  {
    issue: 'RESOURCE_MISMATCH',
    about: /^(\[|, |\{'action': 'servicediscovery:\w+', 'required_format': '\*'\}|\])+$/,
    because:
      'the service authorization reference names resources for these actions; parliament knows an older one',
  },
  {
    issue: 'RESOURCE_STAR',
    about: /^\['ecs:ListTasks'\]$/,
    because: 'without a container instance ListTasks names no resource; ecs:cluster binds it',
  },
  {
    issue: 'MISMATCHED_TYPE',
    about:
      /^Type mismatch: ecs:cluster requires a value of type ARN but given \[.*'prod-\*', 'batch'\]$/,
    because:
      'clusters are given by name, glob or ARN, and a template cannot tell them apart: both forms are there',
  },
  {
    issue: 'MISMATCHED_TYPE_BUT_USABLE',
    about: /^Type mismatch: StringLike requires a value of type String but given Arn$/,
    because: 'names alone are no ARNs, so that ArnLike would refuse the whole list',
  },
  {
    issue: 'RESOURCE_STAR',
    about: /^\[('ec2:\w*(NetworkInterface|PrivateIpAddresses)'(, )?)+\]$/,
    because:
      'Lambda makes interfaces that do not exist before; a Deny keeps the functions themselves from it',
  },
  {
    issue: 'UNKNOWN_CONDITION_FOR_ACTION',
    about: /^Unknown condition lambda:SourceFunctionArn for action ec2:/,
    because: 'a global key of Lambda’s that AWS documents for this very Deny',
  },
];

const isDecided = ({ issue, detail }: Finding) =>
  DECIDED.some((one) => one.issue === issue && one.about.test(detail));

await withReal('parliament', parliamentPython, (python) =>
  describe('the policies of every role', () => {
    let template: Template;
    beforeAll(async () => {
      template = await packageStack();
    }, 240_000);

    it.each([
      ['nothing given', {}],
      ['everything given', EVERYTHING],
    ])('hold nothing that is undecided, with %s', async (_name, given) => {
      const documents = policyDocuments(template, given);
      expect(Object.keys(documents).length).toBeGreaterThan(4);
      const findings = await audit(python, documents);
      expect(findings.filter((one) => !isDecided(one))).toEqual([]);
    });

    it('raise each finding that is decided', async () => {
      const findings = await audit(python, policyDocuments(template, EVERYTHING));
      const idle = DECIDED.filter(
        ({ issue, about }) =>
          !findings.some((one) => one.issue === issue && about.test(one.detail)),
      );
      expect(idle).toEqual([]);
    });

    it.each([
      [
        'an action that does not exist',
        { Action: 'ecs:DescribeTask', Resource: '*' },
        'UNKNOWN_ACTION',
      ],
      [
        'a resource of another kind',
        { Action: 'ecs:DescribeTasks', Resource: 'arn:aws:sqs:eu-west-1:123456789012:a' },
        'RESOURCE_MISMATCH',
      ],
      ['a needless star', { Action: 'sqs:SendMessage', Resource: '*' }, 'RESOURCE_STAR'],
    ])('would be found with %s', async (_name, statement, issue) => {
      const document = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', ...statement }] };
      const findings = await audit(python, { Planted: document });
      expect(findings.filter((one) => !isDecided(one)).map((one) => one.issue)).toContain(issue);
    });
  }),
);

describe('the template', () => {
  it('has no findings of cfn-lint, and none is suppressed', async ({ skip }) => {
    const file = await inFile(await packageStack());
    const { code = 0, stdout } = await promisify(execFile)(LINT, [file]).catch((error) => error);
    if (code === 77 && process.env['ROLLCALL_REAL'] !== 'required') skip(stdout);
    expect(stdout).toMatch(/^cfn-lint: no findings in \S+ cn-\S+ us-gov-\S+\n$/);
    expect(JSON.stringify(await packageStack())).not.toContain('"cfn-lint"');
  }, 240_000);
});

const inFile = async (template: Template) => {
  const folder = await mkdtemp(join(tmpdir(), 'rollcall-template-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  await writeFile(join(folder, 'template.json'), JSON.stringify(template));
  return join(folder, 'template.json');
};
