import { type AddressRules, createWithhold, hostIn } from '../../model/address.ts';
import { EUREKA_PLACES, EUREKA_TEXTS, type Target } from '../../model/registration.ts';
import { memoize } from '../../platform/memoize.ts';
import { slices } from '../../platform/slices.ts';
import type { Directory, ServiceTargets } from '../../registries/registry.ts';

/** Why an instance may not be handed out; undefined: it may. */
export type WithholdTarget = (target: Target) => string | undefined;

/**
 * Where else clients of some protocols find an instance: Eureka's, in metadata, pages included,
 * which Spring Boot Admin asks for.
 */
const OTHERS = EUREKA_PLACES.map((fact) => `eureka_${EUREKA_TEXTS[fact]}`);

export const createWithholdTarget = (rules: AddressRules): WithholdTarget => {
  const withhold = createWithhold(rules);
  const because = (address: string) => {
    const what = withhold(address);
    return what && `${address}: ${what}`;
  };
  const faultOf = ({ address, metadata }: Target) => {
    const reason = because(address);
    if (reason) return reason;
    for (const key of OTHERS) {
      const what = metadata[key] && because(hostIn(metadata[key]));
      if (what) return `${key} is ${what}`;
    }
    return undefined;
  };
  // The page asks of each instance at every look, and where nothing has changed they are the same.
  return memoize(faultOf);
};

/** The registry as clients may see it: the instances that are withheld are set apart. */
export const withoutWithheld = (directory: Directory, withhold: WithholdTarget): Directory => {
  /** By what was read: a registry may give the same again where nothing has changed. */
  const part = memoize((targets: readonly Target[]): Parts => {
    const withheld = targets.filter((target) => withhold(target) !== undefined);
    if (withheld.length === 0) return { targets };
    return { targets: targets.filter((target) => !withheld.includes(target)), withheld };
  });
  return {
    ...directory,
    async instances(service, signal) {
      const targets = await directory.instances(service, signal);
      return targets && part(targets).targets;
    },
    async everything(signal) {
      const services = [];
      for (const { name, targets } of await directory.everything(signal)) {
        services.push({ name, ...part(targets) });
        if (slices.isOver()) await slices.next();
      }
      return services;
    },
  };
};

type Parts = Pick<ServiceTargets, 'targets' | 'withheld'>;
