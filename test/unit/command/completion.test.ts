import { execFileSync, spawnSync } from 'node:child_process';
import { beforeAll, describe, expect, it } from 'vitest';
import { rollcall } from '../../support/rollcall.ts';

const scriptFor = async (shell: string) => (await rollcall(['completion', shell])).out;

/** What is typed, the last word up to the cursor, and some of what the shell offers. */
const OFFERS = [
  [['ex'], ['explain']],
  [['pl'], ['plan']],
  [['purge', '--registry', 'e'], ['eureka']],
  [
    ['preview', '--address', ''],
    ['private', 'public', 'ipv6'],
  ],
  [['explain', '--cl'], ['--cluster']],
  [['services', '--js'], ['--json']],
  [['completion', 'z'], ['zsh']],
] as const;

describe('rollcall completion bash, loaded by bash', () => {
  let script: string;
  beforeAll(async () => {
    script = await scriptFor('bash');
  });

  /** As bash calls the function that is registered for the command. */
  const complete = (words: readonly string[]) => {
    const asked = `
      eval "$SCRIPT"
      [[ "$(complete -p rollcall)" == *"-F _rollcall rollcall" ]] || exit 9
      COMP_WORDS=(rollcall "$@"); COMP_CWORD=$#
      _rollcall rollcall "\${COMP_WORDS[COMP_CWORD]}" "\${COMP_WORDS[COMP_CWORD-1]}"
      printf '%s\\n' "\${COMPREPLY[@]}"`;
    const args = ['--norc', '-c', asked, 'bash', ...words];
    const env = { ...process.env, SCRIPT: script };
    return execFileSync('bash', args, { encoding: 'utf8', env }).trim().split('\n');
  };

  it.each(OFFERS)('%j leads to %j', (words, offered) => {
    expect(complete(words)).toEqual(offered);
  });

  it('offers nothing behind a command that is none', () => {
    expect(complete(['explian', '--cl'])).toEqual(['']);
  });
});

const HAS_ZSH = spawnSync('zsh', ['-c', 'true']).status === 0;

describe.runIf(HAS_ZSH)('rollcall completion zsh, loaded by zsh', () => {
  /** What the script hands over to zsh's own functions, which draw only in a terminal. */
  const handedOver = (script: string, words: readonly string[]) => {
    const asked = `
      compdef() { print -r -- "$@" }
      _describe() { print -rl -- "\${(P@)2}" }
      _arguments() { print -rl -- "$@" }
      eval "$SCRIPT"
      words=(rollcall "$@"); CURRENT=$(( $# + 1 ))
      _rollcall`;
    const env = { ...process.env, SCRIPT: script };
    const args = ['-f', '-c', asked, 'zsh', ...words];
    return execFileSync('zsh', args, { encoding: 'utf8', env, timeout: 60_000 });
  };

  it.each([
    [['ex'], /^explain:why a task/m],
    [['purge', '--registry', 'e'], /^--registry\[.*\]:NAME:\(cloudmap consul eureka\)$/m],
    [['services', '--js'], /^--json\[/m],
    [['completion', 'z'], /^2:.*:\(bash zsh\)$/m],
  ])('%j leads to %s', async (words, offered) => {
    const said = handedOver(await scriptFor('zsh'), words);
    expect(said).toMatch(/^_rollcall rollcall$/m);
    expect(said).toMatch(offered);
  });
});
