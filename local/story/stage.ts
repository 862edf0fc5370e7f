import { setTimeout as wait } from 'node:timers/promises';
import { REGISTRY_NAMES, type RegistryName } from '../../shared/model/registration.ts';
import type { Member } from '../cluster/cluster.ts';
import type { Live } from '../live.ts';
import { FOREIGN } from './foreign.ts';
import { askers, type Held } from './held.ts';

/** What a step has to work and to look with. */
export interface Stage {
  readonly live: Live;
  /** What the registries should hold of a task, one line a record: `weather 127.0.1.1:8080`. */
  linesOf(member: Member, health?: 'unhealthy'): readonly string[];
  /** Lines of all tasks that run and shall run. */
  running(): readonly string[];
  /** What one registry holds of ours now, as lines. */
  held(registry: RegistryName): Promise<readonly string[]>;
  /**
   * Waits until exactly these lines of ours, and the foreign record, stand in these registries
   * (default: all).
   */
  expectHeld(
    lines: () => readonly string[],
    options?: { registries?: readonly RegistryName[]; repair?: boolean },
  ): Promise<void>;
  /** Waits until the value is what is expected, and throws with both where it never is. */
  until<T>(what: string, get: () => Promise<T> | T, fits: (value: T) => boolean): Promise<T>;
  reconcile(): Promise<void>;
}

/** Milliseconds within which a change must show; a real Eureka's list alone lags by 30 s. */
const PATIENCE = { simulated: 15_000, real: 75_000 } as const;
/** Between two reconciles, where a registry's list may lag behind. */
const NEXT_ROUND = 5_000;

export class Unexpected extends Error {}

export const createStage = (live: Live): Stage => {
  const { stack, cluster, services } = live;
  const ask = askers(stack);
  const isReal = !stack.consul || !stack.eureka;
  const patience = isReal ? PATIENCE.real : PATIENCE.simulated;

  const until: Stage['until'] = async (what, get, fits) => {
    const deadline = Date.now() + patience;
    for (;;) {
      const came = await attempt(get);
      if ('value' in came && fits(came.value)) return came.value;
      if (Date.now() > deadline) throw new Unexpected(`expected ${what}\ncame     ${show(came)}`);
      await wait(50);
    }
  };
  const reconcile = async () => {
    await stack.reconcile.invoke();
  };
  const records = async (registry: RegistryName) =>
    (await ask[registry]()).filter(isOurs(stack.owner));
  const held = async (registry: RegistryName) => (await records(registry)).map(toLine).sort();
  const linesOf: Stage['linesOf'] = ({ service, app }, health) => {
    const names = services.find(({ name }) => name === service)?.registeredAs ?? {};
    return Object.entries(app.ports).flatMap(([containerPort, port]) => {
      const name = names[Number(containerPort)];
      if (name === undefined) return [];
      const line = { service: name, place: `${app.address}:${port}` };
      return toLine({ ...line, healthy: health === undefined });
    });
  };
  const running = () =>
    cluster
      .members()
      .filter(({ task }) => task.desiredStatus === 'RUNNING' && task.lastStatus === 'RUNNING')
      .flatMap((member) => linesOf(member))
      .sort();

  return {
    live,
    linesOf,
    running,
    held,
    until,
    reconcile,
    async expectHeld(lines, { registries = REGISTRY_NAMES, repair = false } = {}) {
      for (const registry of registries) {
        let reconciled = Date.now();
        const expected = () => [...lines(), FOREIGN_LINE].sort();
        await until(
          `in ${registry}: ${expected().join(', ')}`,
          async () => {
            if (repair && isReal && Date.now() - reconciled > NEXT_ROUND) {
              await reconcile();
              reconciled = Date.now();
            }
            return (await ask[registry]())
              .filter((one) => isOurs(stack.owner)(one) || one.service === FOREIGN.service)
              .map(toLine)
              .sort();
          },
          (came) => came.join() === expected().join(),
        );
      }
    },
  };
};

const isOurs =
  (owner: string) =>
  (record: Held): boolean =>
    record.owner === owner;

const toLine = ({ service, place, healthy }: Omit<Held, 'owner'>) =>
  `${service} ${place}${healthy ? '' : ' unhealthy'}`;

const FOREIGN_LINE = toLine({
  service: FOREIGN.service,
  place: `${FOREIGN.address}:${FOREIGN.port}`,
  healthy: true,
});

const attempt = async <T>(get: () => Promise<T> | T) => {
  try {
    return { value: await get() };
  } catch (error) {
    return { error };
  }
};

const show = (came: { value: unknown } | { error: unknown }) => {
  if ('error' in came) return String(came.error);
  return Array.isArray(came.value)
    ? came.value.join(', ') || 'nothing'
    : JSON.stringify(came.value);
};
