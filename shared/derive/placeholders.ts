import { inUrl } from '../model/address.ts';
/** What placeholders stand for. */
export interface Values {
  readonly address: string;
  readonly port: number;
  readonly zone: string | undefined;
  /** Where a container port of the same task is reached; `undefined` where there is none. */
  portOf(containerPort: number): number | undefined;
}

/** Puts in what is known. */
export type Fill = (text: string) => string;

const PLACEHOLDER = /\{(?:ip|zone|port(?::(\d{1,5}))?)\}/g;
/** Meant as one, whether or not it is written as it must be. */
const MEANT = /\{(?:ip|zone|port)\b[^{}]*\}/i;

/**
 * `{ip}`, `{port}`, `{port:8081}` and `{zone}`; other braces stand as they are, and so does what is
 * unknown, with a word to `unknown`. IPv6 comes in brackets where a URL or a port is around it.
 */
export const filler =
  (values: Values, unknown: (placeholder: string) => void): Fill =>
  (text) =>
    text.replace(
      PLACEHOLDER,
      (placeholder: string, containerPort: string | undefined, at: number) => {
        const around = [text.slice(0, at), text.slice(at + placeholder.length)] as const;
        const value =
          containerPort === undefined
            ? simpleValue(placeholder, values, around)
            : values.portOf(Number(containerPort))?.toString();
        if (value === undefined) unknown(placeholder);
        return value ?? placeholder;
      },
    );

/** For texts that are of no use with a placeholder left in them: the first one, if there is any. */
export const fillWhole = (
  text: string,
  values: Values,
): { readonly text: string } | { readonly unknown: string } => {
  const filled = filler(values, () => {})(text);
  const [unknown] = MEANT.exec(filled) ?? [];
  return unknown === undefined ? { text: filled } : { unknown };
};

const simpleValue = (
  placeholder: string,
  values: Values,
  [before, after]: readonly [string, string],
) => {
  if (placeholder === '{port}') return String(values.port);
  if (placeholder === '{zone}') return values.zone;
  return before.endsWith('//') || /^:[\d{]/.test(after) ? inUrl(values.address) : values.address;
};
