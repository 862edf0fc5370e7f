import type { Command, Option } from './command.ts';

/** Whom a command asks; each takes these. */
export const COMMON: Readonly<Record<string, Option>> = {
  stage: { isWhom: true, value: 'NAME', help: 'the stage that was deployed; default dev' },
  stack: { isWhom: true, value: 'NAME', help: 'the stack, where it is not rollcall-<stage>' },
  region: {
    isWhom: true,
    value: 'REGION',
    help: 'where it is; else AWS_REGION, or the one of AWS_PROFILE',
  },
  local: { isWhom: true, help: 'the local run (`npm start`) instead of a deployment' },
  'endpoint-url': {
    isWhom: true,
    value: 'URL',
    help: 'with --local: where its AWS is, if another port was taken',
  },
  json: { help: 'the answer for programs' },
  help: { short: 'h', help: 'this text' },
};

/** All that a command takes: its own first. */
export const optionsOf = (command: Command): Readonly<Record<string, Option>> => ({
  ...command.options,
  ...COMMON,
});
