import type { RegistryName } from '../shared/model/registration.ts';

/**
 * What the stack must know of one registry. All that follows from it is in
 * scripts/serverless/registries.ts.
 */
export interface StackEntry {
  /** Its condition's name, and the beginning of its alarms' and rules' names. */
  readonly logicalName: string;
  /** Parameters that must be given where it is chosen. */
  readonly needs: readonly string[];
  /** Its lists may hide records: an alarm tells once none has been complete for half an hour. */
  readonly mayHideRecords: boolean;
  /** Variables that are not simply the parameter of their setting (shared/config/settings.ts). */
  readonly environment?: Readonly<Record<string, unknown>>;
}

/** Those that only read, with credentials of their own: as serverless.yml calls them. */
export const READING_FUNCTIONS: readonly string[] = ['resolve', 'inspect'];

/**
 * A new registry is one entry here; its parameters stand in parameters.yml, what IAM must grant in
 * policies.yml.
 */
export const REGISTRIES: Readonly<Record<RegistryName, StackEntry>> = {
  cloudmap: {
    logicalName: 'CloudMap',
    needs: [],
    mayHideRecords: false,
    environment: {
      // The one that the stack makes, or the one that is given.
      ROLLCALL_NAMESPACE: {
        'Fn::If': [
          'HttpNamespaceMade',
          { Ref: 'HttpNamespace' },
          { 'Fn::If': ['PrivateNamespaceMade', { Ref: 'PrivateNamespace' }, { Ref: 'namespace' }] },
        ],
      },
    },
  },
  consul: { logicalName: 'Consul', needs: ['consulHttpAddr'], mayHideRecords: true },
  eureka: { logicalName: 'Eureka', needs: ['eurekaUrl'], mayHideRecords: true },
};
