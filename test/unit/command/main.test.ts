import { describe, expect, it } from 'vitest';
import { meaningOf } from '../../../command/failure.ts';
import packageJson from '../../../package.json' with { type: 'json' };
import { rollcall } from '../../support/rollcall.ts';

describe('rollcall', () => {
  it('alone tells its commands as what is wrong, and exits with 2', async () => {
    const { exit, out, err } = await rollcall([]);
    expect([exit, out]).toEqual([2, '']);
    expect(err).toContain('explain <task|service>');
  });

  it('tells its version', async () => {
    expect(await rollcall(['--version'])).toMatchObject({ exit: 0, out: packageJson.version });
  });

  it('refuses a time that is none before anybody is asked', async () => {
    for (const option of ['--since', '--until', '--at']) {
      const { exit, err } = await rollcall(['history', 'web', option, '25:99']);
      expect(err).toMatch(new RegExp(`^rollcall: ${option}: expected 90m, .*, got 25:99$`));
      expect(exit).toBe(2);
    }
  });

  it('says in one line what is wrong, whatever lines it came in', async () => {
    const { err, exit } = await rollcall(['preview', '-'], { stdin: '# a\n\nb\n' });
    expect(err).toMatch(/^rollcall: [^\n]+$/);
    expect(exit).not.toBe(0);
  });
});

it('that credentials are lacking is told with what to do, wherever it comes up', () => {
  expect(meaningOf('CredentialsProviderError: Could not load\n  credentials')).toMatch(
    /^no AWS credentials: sign in/,
  );
});
