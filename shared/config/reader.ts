import { withoutEnd } from '../model/text.ts';
import { errorText } from '../platform/error-text.ts';
import {
  isReference,
  missingSecret,
  plainSecret,
  type ReadReference,
  type Secret,
  secretByReference,
} from './secret.ts';
import { type Program, SETTINGS, type Setting, type SettingName } from './settings.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** A setting as it was given. */
export interface Text {
  readonly text: string;
  readonly secret: Secret;
  readonly byReference: boolean;
  /** It could not be read: only what needs it fails, with the reason. */
  readonly isMissing?: true;
}

interface Found {
  readonly program: Program;
  readonly texts: Map<SettingName, Text>;
  readonly faults: string[];
}

/**
 * Reads the settings that are wanted, references included, each once; what cannot be read is a
 * fault.
 */
export const textReader =
  (env: Environment, read: ReadReference, { program, texts, faults }: Found) =>
  async (isWanted: (setting: Setting) => boolean): Promise<void> => {
    const names = (Object.keys(SETTINGS) as SettingName[]).filter((name) => {
      const one: Setting = SETTINGS[name];
      return isWanted(one) && (one.program ?? program) === program;
    });
    await Promise.all(
      names.map(async (name) => {
        const { env: key }: Setting = SETTINGS[name];
        const given = env[key]?.trim();
        if (!given) return;
        try {
          const byReference = isReference(given);
          const secret = byReference ? await secretByReference(given, read) : plainSecret(given);
          texts.set(name, { text: secret.reveal(), secret, byReference });
        } catch (error) {
          const fault = `${key}: ${given} cannot be read: ${errorText(error)}`;
          if (program === 'reader' && NEEDED_LATE.has(name)) {
            const secret = missingSecret(given, read, `${fault}; ${MISSING}`);
            texts.set(name, { text: '', secret, byReference: true, isMissing: true });
          } else faults.push(fault);
        }
      }),
    );
  };

/**
 * What is needed only when a request is sent: where it cannot be read, the program starts without
 * it, and only requests that need it fail.
 */
const NEEDED_LATE: ReadonlySet<string> = new Set<SettingName>([
  'consulAddr',
  ...(Object.keys(SETTINGS) as SettingName[]).filter((name) => {
    const { registry, secret }: Setting = SETTINGS[name];
    return registry && secret;
  }),
]);
const MISSING =
  'resolve and inspect may read only what resolveSecretArns names, and no secret that is for writing';

export type Reader = ReturnType<typeof reader>;

/**
 * Reads one setting in its type. What is wrong with it is added to the faults, and a value that is
 * allowed returned, so that what comes after is checked too.
 */
export const reader = (texts: ReadonlyMap<SettingName, Text>, faults: string[]) => {
  const text = (name: SettingName): string => {
    const { fallback }: Setting = SETTINGS[name];
    return texts.get(name)?.text || fallback || '';
  };
  const refuse = (name: SettingName, what: string, came: string) => {
    const { env, secret }: Setting = SETTINGS[name];
    // An address may carry a password; what was given by reference may be a secret, whatever it is
    // for.
    const hidden = came !== '' && (secret || texts.get(name)?.byReference || /:.*@/s.test(came));
    faults.push(`${env}: expected ${what}, got ${hidden ? '[secret]' : JSON.stringify(came)}`);
  };
  const required = (name: SettingName): string => {
    if (!text(name) && !texts.get(name)?.isMissing) refuse(name, 'a value', '');
    return text(name);
  };
  return {
    text,
    required,
    refuse,
    list: (name: SettingName): string[] => toList(text(name)),
    choice: <N extends Choices>(name: N): (typeof SETTINGS)[N]['values'][number] => {
      const { values } = SETTINGS[name];
      const found = values.find((value) => value === text(name));
      if (!found) refuse(name, `one of ${values.join(', ')}`, text(name));
      return found ?? values[0];
    },
    number: (name: SettingName, min: number, max: number): number => {
      const value = /^\d+$/.test(text(name)) ? Number(text(name)) : Number.NaN;
      if (value >= min && value <= max) return value;
      refuse(name, `a whole number from ${min} to ${max}`, text(name));
      return min;
    },
    checkUrl: (name: SettingName, given: string, scheme: string): void => {
      const full = toUrl(given, scheme);
      if (URL.canParse(full) && /^https?:$/.test(new URL(full).protocol)) return;
      refuse(name, 'an http or https address', given);
    },
    optional: <N extends SettingName, A extends string = N>(
      name: N,
      as?: A,
    ): { readonly [K in A]?: string } => {
      const given = text(name);
      return (given ? { [as ?? name]: given } : {}) as { readonly [K in A]?: string };
    },
    secret: <A extends string>(name: SettingName, as: A): { readonly [K in A]?: Secret } => {
      const given = texts.get(name)?.secret;
      return (given ? { [as]: given } : {}) as { readonly [K in A]?: Secret };
    },
    /** A list of addresses, at least one; the text, since it may be read again. */
    addresses: (name: SettingName): Secret => {
      required(name);
      if (text(name) && toList(text(name)).length === 0)
        refuse(name, 'at least one address', text(name));
      return texts.get(name)?.secret ?? plainSecret('');
    },
  };
};

export const toList = (text: string, separator = ','): string[] =>
  text
    .split(separator)
    .map((item) => item.trim())
    .filter(Boolean);

export const toUrl = (text: string, scheme: string): string =>
  withoutEnd(/^[a-z]+:\/\//i.test(text) ? text : `${scheme}://${text}`, '/');

type Choices = {
  [N in SettingName]: (typeof SETTINGS)[N] extends { values: readonly string[] } ? N : never;
}[SettingName];
