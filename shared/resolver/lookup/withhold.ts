import { type AddressRules, createWithhold, hostIn } from '../../model/address.ts';
import { EUREKA_PLACES, EUREKA_TEXTS, type Target } from '../../model/registration.ts';
import { createSlices } from '../../platform/slices.ts';
import type { Directory } from '../../registries/registry.ts';

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
  return ({ address, metadata }) => {
    const reason = because(address);
    if (reason) return reason;
    for (const key of OTHERS) {
      const what = metadata[key] && because(hostIn(metadata[key]));
      if (what) return `${key} is ${what}`;
    }
    return undefined;
  };
};

/** The registry as clients may see it: the instances that are withheld are set apart. */
export const withoutWithheld = (directory: Directory, withhold: WithholdTarget): Directory => ({
  ...directory,
  async instances(service, signal) {
    const targets = await directory.instances(service, signal);
    return targets?.filter((target) => withhold(target) === undefined);
  },
  async everything(signal) {
    const slices = createSlices();
    const services = [];
    for (const { name, targets } of await directory.everything(signal)) {
      const [given = [], withheld = []] = [true, false].map((isGiven) =>
        targets.filter((target) => (withhold(target) === undefined) === isGiven),
      );
      services.push({ name, targets: given, ...(withheld.length > 0 && { withheld }) });
      if (slices.isOver()) await slices.next();
    }
    return services;
  },
});
