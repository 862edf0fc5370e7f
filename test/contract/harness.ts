import type { Fault } from '../../local/faults.ts';
import type { ClusterArn } from '../../shared/model/arn.ts';
import type { RegistryName } from '../../shared/model/registration.ts';
import type { Directory, Registry } from '../../shared/registries/registry.ts';

/**
 * What the contract suite needs of a registry under test: one for its simulator, one for the real
 * server.
 */
export interface Harness {
  readonly title: string;
  readonly registry: RegistryName;
  /** Why tests of this name are left out here, if any are; every skip states its reason. */
  readonly skip?: Readonly<Record<string, string>>;
  start(): Promise<Running>;
}

export interface Running {
  readonly owner: string;
  /** A cluster ARN that the registry under test serves. */
  readonly cluster: ClusterArn;
  readonly registry: Registry;
  readonly directory: Directory;
  /** Two registries over one server: another owner, or a second function instance. */
  registryFor(owner: string): Registry;
  /** Writes a record as a stranger would, with the server's own API, without any mark of ours. */
  plantForeign(record: {
    service: string;
    id: string;
    address: string;
    port: number;
  }): Promise<void>;
  /** Whether such a record is still there, asked with the server's own API. */
  foreignExists(record: { service: string; id: string }): Promise<boolean>;
  /** Simulators only. */
  inject?(fault: Fault): void;
  clearFaults?(): void;
  /** Writes that reached the server so far; simulators only. */
  writes?(): number;
  /** Requests being served now; simulators only. */
  inFlight?(): number;
  stop(): Promise<void>;
}
