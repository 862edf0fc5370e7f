import { createHash } from 'node:crypto';

/**
 * Names of everything in one account and region: ARNs, and ids that are the same in every run with
 * the same seed.
 */
export interface Names {
  readonly account: string;
  readonly region: string;
  /** `arn:aws:ecs:eu-central-1:111122223333:cluster/default` from `ecs` and `cluster/default`. */
  arn(service: string, resource: string): string;
  /** A fresh id of so many hexadecimal digits (at most 64). */
  hex(digits: number): string;
  /** A fresh id in the form of a UUID. */
  uuid(): string;
  /** A number of 19 digits, as ids of deployments have it: the same for the same text. */
  digits(of: string): string;
}

export interface NamesOptions {
  readonly account: string;
  readonly region: string;
  readonly partition: string;
  /** The same seed gives the same ids. */
  readonly seed: string;
}

export const createNames = ({ account, region, partition, seed }: NamesOptions): Names => {
  let count = 0;
  const hash = (text: string) => createHash('sha256').update(`${seed} ${text}`);
  const hex = (digits: number) => hash(String(count++)).digest('hex').slice(0, digits);
  return {
    account,
    region,
    arn: (service, resource) => `arn:${partition}:${service}:${region}:${account}:${resource}`,
    hex,
    digits: (of) => String(10n ** 18n + (hash(of).digest().readBigUInt64BE() % 10n ** 18n)),
    uuid: () => hex(32).replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-'),
  };
};

/** The part behind the last slash: names and ids are as good as ARNs in most of ECS's calls. */
export const lastSegment = (nameOrArn: string) => nameOrArn.slice(nameOrArn.lastIndexOf('/') + 1);

/**
 * Gives out the lowest free number, so that addresses and ports return as soon as they can, as they
 * do on AWS.
 */
export const createPool = (first: number) => {
  const used = new Set<number>();
  return {
    take(wanted?: number): number {
      let number = wanted ?? first;
      if (wanted === undefined) while (used.has(number)) number++;
      else if (used.has(wanted)) throw new Error(`${wanted} is taken`);
      used.add(number);
      return number;
    },
    free: (number: number) => used.delete(number),
  };
};
export type Pool = ReturnType<typeof createPool>;
