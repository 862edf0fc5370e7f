import { describe, expect, it } from 'vitest';
import { parseCommandLine } from '../../../command/arguments.ts';
import { asCalled } from '../../../command/as-called.ts';

const told = (text: string, ...options: string[]) =>
  asCalled(parseCommandLine(['plan', ...options]).input, 'npx rollcall')(text);

describe('a command that an answer leads to', () => {
  it.each([
    ['why: rollcall explain web-9100', 'why: npx rollcall explain web-9100 --local'],
    [
      'see them: rollcall plan; let them through: rollcall release ab12',
      'see them: npx rollcall plan --local; let them through: npx rollcall release ab12 --local',
    ],
    ['  rollcall history web --since 2h', '  npx rollcall history web --local --since 2h'],
    ['once rollcall plan shows it, deploy', 'once npx rollcall plan --local shows it, deploy'],
    ['rollcall release <plan>', 'npx rollcall release <plan> --local'],
    ['rollcall preview FILE, rollcall-plan, rollcall planned', undefined],
  ])('%j can be pasted', (text, pasted = text) => {
    expect(told(text, '--local')).toBe(pasted);
  });

  it('asks whom this one asked, and has nothing else of its options', () => {
    expect(told('rollcall plan', '--region', 'eu-west-1', '--stage', 'prod', '--json')).toBe(
      'npx rollcall plan --stage prod --region eu-west-1',
    );
    expect(told('rollcall plan', '--local', '--endpoint-url', 'http://127.0.0.1:1')).toBe(
      'npx rollcall plan --local --endpoint-url http://127.0.0.1:1',
    );
    expect(told('rollcall plan')).toBe('npx rollcall plan');
  });
});
