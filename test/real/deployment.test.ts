import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { askAws } from '../../scripts/real/ask-aws.ts';
import { type Moto, motoPython, startMoto } from '../../scripts/real/moto.ts';
import { check } from '../../scripts/stack/checker/check.ts';
import { resolve } from '../../scripts/stack/resolve.ts';
import { at } from '../../scripts/stack/template.ts';
import { withReal } from './real.ts';
import { copyProject, type Project, STACK } from './support/project.ts';
import { type Ask, asking, type ReadStack, readStack } from './support/stack.ts';

/**
 * A deployment is some fifty calls, each by a Node process and to a Python one that share two
 * cores.
 */
const PATIENCE = 600_000;

/**
 * What moto makes when a service is first asked and never takes away, and what it remembers of
 * stacks, as AWS does.
 */
const MOTOS_OWN =
  /^(cloudformation\.|servicediscovery\.Operation|utilities\.TaggingService|awslambda\.(Lambda|Layer)Storage|events\.EventBus|iam\.AccountSummary|logs\.MetricFilters)/;

await withReal('moto', motoPython, (python) =>
  describe('a stack with nothing given', () => {
    let moto: Moto;
    let project: Project;
    let ask: Ask;
    let before: ReadStack;
    beforeAll(async () => {
      moto = await startMoto(python);
      ask = asking(moto, python);
      project = await copyProject(moto.environment);
    }, PATIENCE);
    afterAll(async () => {
      await project?.remove();
      await moto?.stop();
    });

    it(
      'is not deployed while one of its name stands where earlier versions put it, unasked',
      async () => {
        const there = { AWS_REGION: 'us-east-1', AWS_DEFAULT_REGION: 'us-east-1' };
        const environment = { ...moto.environment, ...there };
        const StackName = STACK;
        const TemplateBody = JSON.stringify({ Resources: { One: { Type: 'AWS::SQS::Queue' } } });
        const made = ['cloudformation', 'create_stack', { StackName, TemplateBody }] as const;
        await askAws({ python, environment }, [made]);
        await expect(project.serverless('deploy')).rejects.toMatchObject({
          stdout: expect.stringContaining('--accept second-stack'),
        });
        expect((await readStack(ask)).functions).toEqual({});
        await askAws({ python, environment }, [['cloudformation', 'delete_stack', { StackName }]]);
      },
      PATIENCE,
    );

    it(
      'is deployed',
      async () => {
        expect(await project.serverless('deploy')).toContain(
          'Service deployed to stack rollcall-dev',
        );
        before = await readStack(ask);
        expect(Object.keys(before.functions).toSorted()).toEqual(
          ['inspect', 'on-task-event', 'operate', 'reconcile', 'resolve'].map(
            (name) => `rollcall-dev-${name}`,
          ),
        );
      },
      PATIENCE,
    );

    it('is one that AWS takes, by the rules that moto lacks', async () => {
      expect(check(resolve(await project.template()))).toEqual([]);
    });

    it(
      'is left alone by a second deployment',
      async () => {
        expect(await project.serverless('deploy')).toContain('No changes to deploy');
        expect(await readStack(ask)).toEqual(before);
      },
      PATIENCE,
    );

    it(
      'is left alone where a parameter would change that nobody accepts by name',
      async () => {
        await expect(
          project.serverless('deploy', { policy: 'observe', deleteLimit: '20' }),
        ).rejects.toMatchObject({
          stdout: expect.stringMatching(
            /policy: sync -> observe[\s\S]*--param policy=sync --param deleteLimit=50\n[\s\S]*--accept policy,deleteLimit\n/,
          ),
        });
        expect(await readStack(ask)).toEqual(before);
      },
      PATIENCE,
    );

    it(
      'takes a changed parameter and changed code, and changes nothing else',
      async () => {
        await appendFile(
          join(project.folder, 'functions/resolve.ts'),
          '\nexport const revision = 2;\n',
        );
        await project.serverless('deploy', { deleteLimit: '20' }, 'deleteLimit');
        const after = await readStack(ask);
        const changed = (...path: string[]) =>
          Object.keys(after.functions).filter(
            (name) => at(after.functions[name], ...path) !== at(before.functions[name], ...path),
          );
        const limit = ['Environment', 'Variables', 'ROLLCALL_DELETE_LIMIT'];
        expect(changed('CodeSha256')).toEqual(['rollcall-dev-resolve']);
        expect(changed(...limit).toSorted()).toEqual([
          'rollcall-dev-inspect',
          'rollcall-dev-reconcile',
        ]);
        expect(at(after.functions['rollcall-dev-reconcile'], ...limit)).toBe('20');
        const { functions: _, ...others } = before;
        expect(after).toMatchObject(others);
      },
      PATIENCE,
    );

    it(
      'leaves nothing when it is removed',
      async () => {
        expect(await project.serverless('remove')).toContain('successfully removed');
        const left = Object.keys(await moto.inventory()).filter((name) => !MOTOS_OWN.test(name));
        expect(left).toEqual([]);
      },
      PATIENCE,
    );
  }),
);
