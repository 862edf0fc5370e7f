import { readFile } from 'node:fs/promises';
import { InvalidConfig } from '../../shared/config/load.ts';
import { SETTINGS, type Setting } from '../../shared/config/settings.ts';
import { nearestTo } from '../../shared/model/nearest.ts';
import { KEY, type Target } from '../../shared/model/registration.ts';
import type { Block } from '../blocks.ts';
import type { CommandInput, Run, Tools } from '../command.ts';
import { wrongUse } from '../exit.ts';
import type { Io } from '../io.ts';
import { describeRunning } from '../preview/from-account.ts';
import { type Preview, preview } from '../preview/preview.ts';
import { type GivenText, readSubjects } from '../preview/subjects.ts';
import { tellPreview } from '../preview/told.ts';
import { placeOf } from '../target/connect.ts';

export const run: Run = async (input, tools) => {
  const typed = settingsOf(input);
  const settings = Object.fromEntries(typed.map(({ env, value }) => [env, value]));
  const { texts, told, around } = await given(input, tools);
  const subjects = readSubjects(texts, {
    service: input.value('service'),
    address: settings[SETTINGS.address.env],
    now: tools.io.now(),
  });
  const previews: Preview[] = [];
  for (const subject of subjects)
    previews.push(
      await preview(subject, { ...around, settings }, tools.io.signal).catch((error: unknown) => {
        throw asTyped(error, typed);
      }),
    );
  const asked = previews.flatMap(({ inConsul }) => inConsul ?? []);
  const held = [...new Map(asked.map((one) => [one.id, one])).values()];
  const isAsked = previews.some(({ inConsul }) => inConsul !== undefined);
  const isNothing = previews.every(({ changes }) => changes.length === 0);
  const isUndecided = previews.some((one) => one.isUndecided);
  const said = [...new Set([...told, ...previews.flatMap((one) => one.said)])];
  return {
    blocks: [
      said,
      ...previews.flatMap(tellPreview),
      ...(isNothing ? [[isUndecided ? UNDECIDED : nothing(around.account)]] : []),
      ...(isAsked ? heldBlocks(held) : []),
    ],
    json: { said, tasks: previews.map(toJson), ...(isAsked && { consul: held }) },
    found: isNothing && !around.account,
    undecided: isUndecided,
  };
};

const UNDECIDED = 'Nothing could be decided: what could not be read stands above.';
const nothing = (account: boolean) =>
  account ? 'Nothing would be changed.' : 'Nothing would be registered: the reasons stand above.';

const given = async (input: CommandInput, { io }: Tools) => {
  const cluster = input.value('cluster');
  const isAccount = input.has('account') || cluster !== undefined;
  // A file says itself in which region its task is.
  const isPlaced = cluster !== undefined || input.has('region') || input.has('local');
  const place = isPlaced ? await placeOf(input, io.env) : undefined;
  const consul = input.has('consul') ? consulOf(io.env) : undefined;
  const around = { account: isAccount, ...(place && { place }), ...(consul && { consul }) };
  if (cluster !== undefined && place) {
    if (input.args.length > 0) throw wrongUse('--cluster: expected no file beside it');
    const { text, told } = await describeRunning(
      { cluster, service: input.value('service') },
      place,
    );
    return { texts: [text], told, around };
  }
  if (input.args.length === 0)
    throw wrongUse('preview: expected a file, - for standard input, or --cluster; got neither');
  const texts = await Promise.all(input.args.map((file) => read(file, io.stdin)));
  return { texts, told: [], around };
};

/** What leads to the Consul of the environment. */
const consulOf = (env: Io['env']) => {
  if (!env['CONSUL_HTTP_ADDR'])
    throw wrongUse('--consul: expected CONSUL_HTTP_ADDR to say where Consul is');
  return Object.fromEntries(
    Object.entries(env).flatMap(([name, value]) =>
      name.startsWith('CONSUL_') && value ? [[name, value]] : [],
    ),
  );
};

const read = async (file: string, stdin: () => Promise<string>): Promise<GivenText> => {
  if (file === '-') return { name: 'standard input', text: await stdin() };
  try {
    return { name: file, text: await readFile(file, 'utf8') };
  } catch (error) {
    const { code } = Object(error);
    if (code === 'ENOENT') throw wrongUse(`${file}: there is no such file`);
    if (code === 'EISDIR') throw wrongUse(`${file}: expected a file, got a directory`);
    throw error;
  }
};

const SETTABLE: readonly Setting[] = Object.values(SETTINGS);
const SHORTHANDS = {
  profile: 'profile',
  mode: 'mode',
  address: 'address',
  tasks: 'tasks',
  'name-template': 'nameTemplate',
};

interface GivenSetting {
  readonly env: string;
  readonly value: string;
  /** As it was typed: `--mode`, or `--param mode`. */
  readonly typed: string;
}

/** What the deployment's parameters would set; of several for one the last counts. */
const settingsOf = (input: CommandInput): readonly GivenSetting[] => [
  ...Object.entries(SHORTHANDS).flatMap(([option, param]) => {
    const value = input.value(option);
    return value === undefined ? [] : [toSetting(param, value, `--${option}`)];
  }),
  ...input.values('param').map((text) => {
    const [, name, value] = /^([^=]+)=(.*)$/s.exec(text) ?? [];
    if (name === undefined || value === undefined)
      throw wrongUse(`--param: expected name=value, got ${text}`);
    return toSetting(name, value, `--param ${name}`);
  }),
];

const toSetting = (name: string, value: string, typed: string): GivenSetting => {
  const found = SETTABLE.find(({ param }) => param === name);
  if (found) return { env: found.env, value, typed };
  const [near] = nearestTo(
    name,
    SETTABLE.flatMap(({ param }) => param ?? []),
  );
  const meant = near === undefined ? '' : `; is ${near} meant?`;
  throw wrongUse(
    `--param: there is no parameter ${name}; docs/configuration.md lists them${meant}`,
  );
};

/** A fault of what was given, by the words that were typed; any other as it is. */
const asTyped = (error: unknown, given: readonly GivenSetting[]): unknown => {
  if (!(error instanceof InvalidConfig)) return error;
  const typed = new Map(given.map((one) => [one.env, one.typed]));
  const message = error.message.replaceAll(/\bROLLCALL_\w+/g, (env) => typed.get(env) ?? env);
  return message === error.message ? error : wrongUse(message);
};

const toJson = ({ task, changes, notes, isUndecided }: Preview) => ({
  task,
  decided: !isUndecided,
  changes: changes.flat().map(({ verb, record, ...one }) => ({ ...one, change: verb, ...record })),
  notes,
});

const heldBlocks = (held: readonly Target[]): Block[] => [
  [`In Consul now, under the same names: ${held.length || 'nothing'}`],
  {
    head: ['service', 'address', 'health', 'id', 'written by'],
    rows: held.map(({ service, address, port, healthy, id, metadata }) => [
      service,
      `${address}:${port}`,
      healthy ? 'passing' : 'critical',
      id,
      metadata[KEY.owner] ?? 'somebody else',
    ]),
  },
];
