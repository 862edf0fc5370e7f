import type { Run } from '../command.ts';
import { bodyOf } from '../target/answered.ts';

interface ServicesJson {
  readonly services: readonly {
    readonly name: string;
    readonly instances: number;
    readonly healthy: number;
  }[];
}

export const run: Run = async (_input, { connect, io }) => {
  const target = await connect();
  const json = await bodyOf<ServicesJson>(await target.resolver('/services', io.signal));
  const rows = json.services.map(({ name, instances, healthy }) => [
    name,
    `${instances}`,
    `${healthy}`,
  ]);
  return {
    blocks:
      rows.length > 0
        ? [{ head: ['service', 'instances', 'healthy'], rows }]
        : [['no service is registered']],
    json,
    found: json.services.some(({ healthy }) => healthy === 0),
  };
};
