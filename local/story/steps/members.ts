import type { Member } from '../../cluster/cluster.ts';
import { type Stage, Unexpected } from '../stage.ts';

export const runningMembers = ({ live }: Stage, service?: string): readonly Member[] =>
  live.cluster
    .members(service)
    .filter(({ task }) => task.desiredStatus === 'RUNNING' && task.lastStatus === 'RUNNING');

/** As many tasks run as shall. */
export const settled = (stage: Stage, service: string) =>
  stage.until(
    `${stage.live.cluster.desired(service)} running tasks of ${service}`,
    () => runningMembers(stage, service).length,
    (count) => count === stage.live.cluster.desired(service),
  );

export const missing = (service: string): never => {
  throw new Unexpected(`no task of ${service} is running`);
};

// biome-ignore lint/suspicious/noExplicitAny: answers of the example's own services, checked member by member
export const getJson = async (url: string): Promise<any> =>
  (await fetch(url, { signal: AbortSignal.timeout(5_000) })).json();
