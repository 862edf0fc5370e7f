/** What the Eureka server's XStream makes of the objects that its JSON shows, so that one object serves both. */

type Fields = Readonly<Record<string, unknown>>;

/** The elements of an object, one after the other. */
export const toXml = (fields: Fields): string =>
  Object.entries(fields)
    .map(([name, value]) => element(name === 'overriddenStatus' ? 'overriddenstatus' : name, value))
    .join('');

const element = (name: string, value: unknown): string => {
  if (Array.isArray(value)) return value.map((item) => element(name, item)).join('');
  if (!isFields(value)) return `<${name}>${escapeXml(String(value))}</${name}>`;
  const { '@class': javaClass, ...rest } = value;
  const start = `<${name}${attribute('class', javaClass)}`;
  if (name === 'metadata') return `${start}>${metadataXml(rest)}</${name}>`;
  const { '@enabled': enabled, $: content, ...children } = rest;
  const inner = content === undefined ? toXml(children) : escapeXml(String(content));
  return `${start}${attribute('enabled', enabled)}>${inner}</${name}>`;
};

/** Its keys are the users' own, so none of them means anything here. */
const metadataXml = (metadata: Fields) =>
  Object.entries(metadata)
    .map(([key, value]) => element(toElementName(key), String(value)))
    .join('');

const isFields = (value: unknown): value is Fields => typeof value === 'object' && value !== null;

const attribute = (name: string, value: unknown) =>
  value === undefined ? '' : ` ${name}="${escapeXml(String(value))}"`;

/** A metadata key as XStream spells it where it could not name an element: `1h` is `_.0031h`, `_` is `__`. */
export const toElementName = (key: string): string =>
  key === ''
    ? '_.0000'
    : key.replace(/[^A-Za-z0-9.-]|^[0-9.-]/g, (unit) =>
        unit === '_' ? '__' : unit === '$' ? '_-' : `_.${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
      );

const NAMED: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** Whether a text needs any care at all: most do not, and a large catalogue has half a million. */
const DELICATE = /[&<>"]|[^\t\n\u0020-\uD7FF\uE000-\uFFFD]/;

/** No parser takes XML 1.0 with a control character, escaped or not. A carriage return would be read as a line feed. */
export const escapeXml = (text: string): string =>
  DELICATE.test(text)
    ? text
        .toWellFormed()
        .replace(/[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, '\uFFFD')
        .replace(/[&<>"]/g, (character) => NAMED[character] ?? '')
        .replaceAll('\r', '&#xd;')
    : text;
