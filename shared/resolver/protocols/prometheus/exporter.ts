import type { Target } from '../../../model/registration.ts';
import { authorityOf } from '../../lookup/target.ts';

/**
 * Where an instance's metrics are, by the labels that scrapers of ECS know, which are metadata
 * here: `PROMETHEUS_EXPORTER_PORT`, `_PATH` and `_JOB_NAME`, in any case.
 */
export interface Exporter {
  /** `host:port` */
  readonly address: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Its port is said: all ports of the task name this one. */
  readonly isNamed: boolean;
}

/** What is not said, or makes no sense, is the instance's own, or the scraper's. */
export const exporterOf = (target: Target): Exporter => {
  const said = (what: string) =>
    target.metadata[`prometheus_exporter_${what}`] ??
    target.metadata[`PROMETHEUS_EXPORTER_${what.toUpperCase()}`] ??
    '';
  const [port, path, job] = [said('port'), said('path'), said('job_name')];
  const isPort = /^[1-9]\d{0,4}$/.test(port) && Number(port) <= 65_535;
  return {
    isNamed: isPort,
    address: authorityOf(isPort ? { ...target, port: Number(port) } : target),
    labels: {
      ...(path !== '' && { __metrics_path__: path.startsWith('/') ? path : `/${path}` }),
      ...(job !== '' && { job }),
    },
  };
};
