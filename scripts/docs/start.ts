import { intro } from '../../local/intro.ts';
import { createKeys } from '../../local/keys.ts';
import type { Landing } from '../../local/landing.ts';
import { PORTS } from '../../local/ports.ts';
import { renderLandings } from '../../local/render.ts';

const COLUMNS = 80;

/** What `npm start` shows at first, in a terminal of 80 columns, where every port is free. */
export const startScreen = (): string => {
  const at = (port: number) => `http://127.0.0.1:${port}`;
  const addresses = {
    resolver: at(PORTS.resolver),
    control: `${at(PORTS.control)}/control`,
    aws: at(PORTS.aws),
    consul: { url: at(PORTS.consul), isReal: false },
    eureka: { url: `${at(PORTS.eureka)}/eureka`, isReal: false },
  };
  const unpressed = () => Promise.reject(new Error('nobody presses a key here'));
  const keys = createKeys({
    run: unpressed,
    reconcile: unpressed,
    newestTask: () => undefined,
    plan: unpressed,
    policy: () => 'sync',
    more: () => '',
  });
  const events = SHOWN.map((landings) =>
    renderLandings([landings], { colours: false, columns: COLUMNS }),
  );
  return [intro(addresses, { keys, columns: COLUMNS }), ...events].join('\n');
};

const START = Date.parse('2026-01-01T15:59:33.470Z');

const landing = (registry: string, took: number): Landing => ({
  registry,
  time: START + took,
  emitted: START,
  sign: '+',
  service: 'stock-price',
  place: '127.0.0.1:43889',
  id: `${'40684a0e'.repeat(4)}-8080-k3`,
  why: 'task is running',
  pending: false,
});

/** One task comes, with figures as a run had them. */
const SHOWN = [[landing('cloudmap', 442), landing('consul', 346), landing('eureka', 336)]] as const;
