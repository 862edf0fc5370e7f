/** XML as the Eureka server's XStream writes it, from the same objects that are sent as JSON. */

type Fields = Readonly<Record<string, unknown>>;

/** One element for each key, in order. */
export const toXml = (fields: Fields): string =>
  Object.entries(fields)
    .map(([name, value]) => element(name === 'overriddenStatus' ? 'overriddenstatus' : name, value))
    .join('');

const element = (name: string, value: unknown): string => {
  if (Array.isArray(value)) return value.map((item) => element(name, item)).join('');
  if (!isObject(value)) return `<${name}>${escapeXml(String(value))}</${name}>`;
  const { '@class': javaClass, ...rest } = value;
  const start = `<${name}${attribute('class', javaClass)}`;
  if (name === 'metadata') return `${start}>${metadataXml(rest)}</${name}>`;
  const { '@enabled': enabled, $: content, ...children } = rest;
  const inner = content === undefined ? toXml(children) : escapeXml(String(content));
  return `${start}${attribute('enabled', enabled)}>${inner}</${name}>`;
};

/** All keys are the users' own: `@class`, `$` and `@enabled` have no meaning here. */
const metadataXml = (metadata: Fields) =>
  Object.entries(metadata)
    .map(([key, value]) => element(toElementName(key), String(value)))
    .join('');

const isObject = (value: unknown): value is Fields => typeof value === 'object' && value !== null;

const attribute = (name: string, value: unknown) =>
  value === undefined ? '' : ` ${name}="${escapeXml(String(value))}"`;

/** A metadata key as XStream escapes it into an element's name: `1h` is `_.0031h`, `_` is `__`. */
export const toElementName = (key: string): string =>
  key === ''
    ? '_.0000'
    : key.replace(/[^A-Za-z0-9.-]|^[0-9.-]/g, (unit) =>
        unit === '_'
          ? '__'
          : unit === '$'
            ? '_-'
            : `_.${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
      );

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
};

/** A cheap first test: most texts need no escapes, and a large answer has half a million texts. */
const NEEDS_ESCAPE = /[&<>"]|[^\t\n\u0020-\uD7FF\uE000-\uFFFD]/;

/**
 * XML 1.0 allows no control characters, escaped or not, so they are replaced. A carriage return
 * must be escaped, or it would be read as a line feed.
 */
const escapeXml = (text: string): string =>
  NEEDS_ESCAPE.test(text)
    ? text
        .toWellFormed()
        .replace(/[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, '\uFFFD')
        .replace(/[&<>"]/g, (character) => ENTITIES[character] ?? '')
        .replaceAll('\r', '&#xd;')
    : text;
