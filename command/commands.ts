import { SETTINGS } from '../shared/config/settings.ts';
import { REGISTRY_NAMES } from '../shared/model/registration.ts';
import type { Command, Option } from './command.ts';

const cluster: Option = { value: 'NAME', help: 'one cluster: a name, a glob or an ARN' };
const by: Option = { value: 'NAME', help: 'who asks, for the log; default: the name of the user' };

const registry: Option = {
  value: 'NAME',
  help: 'one registry',
  choices: REGISTRY_NAMES,
};

const client: Option = {
  value: 'NAME',
  help: 'whose token is sent, where several clients have one; default: default, or the only one',
};

/** In the order in which the help has them. */
export const COMMANDS: readonly Command[] = [
  {
    name: 'plan',
    summary: 'what the next reconcile would do, and what is withheld',
    options: { cluster },
    finds: 'a change would be made, is withheld or is forbidden, or a registry cannot be planned',
    load: () => import('./commands/plan.ts'),
  },
  {
    name: 'explain',
    summary: 'why a task or a service is registered, or is not',
    takes: '<task|service>',
    options: { cluster },
    finds: 'it is unknown, is left out, or is not registered as it should be',
    load: () => import('./commands/explain.ts'),
  },
  {
    name: 'history',
    summary: 'what became of the records of a task or a service, and what there was at a time',
    takes: '<task|service>',
    options: {
      since: { value: 'TIME', help: 'from when on: 15m, 2d, 14:02 or ISO 8601, UTC; default: 1h' },
      until: { value: 'TIME', help: 'up to when; default: now' },
      at: { value: 'TIME', help: 'what there was then, of a service' },
      registry,
    },
    finds: 'a write failed, something is unknown, or not all could be read',
    load: () => import('./commands/history.ts'),
  },
  {
    name: 'parity',
    summary: 'Consul as Registrator filled it beside what Rollcall would write',
    options: { cluster, service: { value: 'NAME', help: 'one service' } },
    finds: 'something is missing, different or unread',
    load: () => import('./commands/parity.ts'),
  },
  {
    name: 'release',
    summary: 'lets a withheld plan through; without a plan: tells which are withheld',
    takes: '[plan]',
    options: { by },
    finds: 'no plan was given, and something is withheld',
    load: () => import('./commands/release.ts'),
  },
  {
    name: 'purge',
    summary: 'removes every record of this installation; tells what it would do without --yes',
    options: {
      cluster,
      registry,
      yes: { help: 'remove them' },
      by,
    },
    finds: 'a record is left, or a registry could not be purged',
    load: () => import('./commands/purge.ts'),
  },
  {
    name: 'reconcile',
    summary: 'a round now, not at the next full minute',
    finds: 'something failed, is withheld, or cannot be read',
    load: () => import('./commands/reconcile.ts'),
  },
  {
    name: 'preview',
    summary: 'what would be registered under which name, and why, before anything is deployed',
    takes: '[file…]',
    options: {
      profile: {
        value: 'PROFILE',
        choices: SETTINGS.profile.values,
        help: 'whose rules names follow',
      },
      mode: { value: 'MODE', choices: SETTINGS.mode.values, help: 'what is registered' },
      address: {
        value: 'KIND',
        choices: SETTINGS.address.values,
        help: 'which address is registered',
      },
      tasks: { value: 'WHICH', choices: SETTINGS.tasks.values, help: 'which tasks are registered' },
      'name-template': { value: 'TEMPLATE', help: 'how a name is made' },
      param: { value: 'NAME=VALUE', help: 'any parameter of the deployment', multiple: true },
      cluster: {
        value: 'NAME',
        help: 'what runs in this cluster of the account, instead of files',
      },
      service: { value: 'NAME', help: 'its tasks only; of a task definition: whose it would be' },
      account: { help: 'read in the account what the files do not tell' },
      consul: { help: 'compare with the Consul that CONSUL_HTTP_ADDR names' },
    },
    finds: 'nothing would be registered',
    load: () => import('./commands/preview.ts'),
  },
  {
    name: 'doctor',
    summary: 'whether every part works, and what to do about what does not',
    options: {
      smoke: { value: 'DEFINITION', help: 'run one task of this task definition, and follow it' },
      cluster: { value: 'NAME', help: 'with --smoke: where it runs' },
      subnets: { value: 'IDS', help: 'with --smoke, for awsvpc: comma-separated' },
      'security-groups': { value: 'IDS', help: 'with --smoke, for awsvpc: comma-separated' },
      'public-ip': { help: 'with --smoke, on Fargate in a public subnet' },
    },
    finds: 'something is to be done',
    load: () => import('./commands/doctor.ts'),
  },
  {
    name: 'services',
    summary: 'which services clients find, and how many instances of each',
    options: { client },
    finds: 'a service has no healthy instance',
    load: () => import('./commands/services.ts'),
  },
  {
    name: 'resolve',
    summary: 'one instance of a service, as a client gets it',
    takes: '<name>',
    options: { zone: { value: 'ZONE', help: 'rather one of this availability zone' }, client },
    finds: 'there is no such service, or none of its instances is healthy',
    load: () => import('./commands/resolve.ts'),
  },
  {
    name: 'open',
    summary: 'the page in your browser, signed in for this once',
    options: {
      print: { help: 'only print the address, which signs in once within a minute' },
      client,
    },
    finds: 'never',
    load: () => import('./commands/open.ts'),
  },
  {
    name: 'completion',
    summary: 'what a shell needs to complete all this',
    takes: '<bash|zsh>',
    finds: 'never',
    load: () => import('./commands/completion.ts'),
  },
];
