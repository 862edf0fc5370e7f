import type { SimulatedInstance } from './instance.ts';

const EMPTY_MAP = { '@class': 'java.util.Collections$EmptyMap' };

/**
 * The body of `/apps`, `/apps/delta`, `/vips/…`: instances by application. `hash` counts those of
 * the whole registry.
 */
export const toApplications = (
  instances: readonly SimulatedInstance[],
  {
    version,
    counted,
  }: { readonly version: string; readonly counted: readonly SimulatedInstance[] },
) => ({
  applications: {
    versions__delta: version,
    apps__hashcode: hashOf(counted),
    application: [...Map.groupBy(instances, ({ app }) => app)].map(
      ([name, group]) => toApplication(name, group).application,
    ),
  },
});

export const toApplication = (name: string, instances: readonly SimulatedInstance[]) => ({
  application: { name, instance: instances.map(shown) },
});

export const toInstance = (instance: SimulatedInstance) => ({ instance: shown(instance) });

const shown = (instance: SimulatedInstance) => ({
  ...instance,
  metadata: Object.keys(instance.metadata).length === 0 ? EMPTY_MAP : instance.metadata,
});

/** `DOWN_1_UP_2_`: how many instances have which status, by name. */
const hashOf = (instances: readonly SimulatedInstance[]) =>
  [...Map.groupBy(instances, ({ status }) => status)]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([status, group]) => `${status}_${group.length}_`)
    .join('');

/** The same body as servers write it for whoever does not ask for JSON. */
export const toXml = (body: Readonly<Record<string, unknown>>): string =>
  Object.entries(body)
    .map(([name, value]) =>
      toElement(name === 'overriddenStatus' ? 'overriddenstatus' : name, value),
    )
    .join('');

const toElement = (name: string, value: unknown): string => {
  if (Array.isArray(value)) return value.map((item) => toElement(name, item)).join('');
  if (typeof value !== 'object' || value === null)
    return `<${name}>${escapeText(String(value))}</${name}>`;
  if (name === 'metadata') return toMetadata(value);
  const {
    '@class': javaClass,
    '@enabled': enabled,
    $: content,
    ...children
  } = value as Record<string, unknown>;
  const attributes = [
    ...(javaClass === undefined ? [] : [` class="${escapeText(String(javaClass))}"`]),
    ...(enabled === undefined ? [] : [` enabled="${escapeText(String(enabled))}"`]),
  ];
  const inner = content === undefined ? toXml(children) : String(content);
  return `<${name}${attributes.join('')}>${inner}</${name}>`;
};

const toMetadata = (metadata: object) =>
  '@class' in metadata
    ? `<metadata class="${EMPTY_MAP['@class']}"/>`
    : `<metadata>${Object.entries(metadata)
        .map(([key, value]) => toElement(toElementName(key), String(value)))
        .join('')}</metadata>`;

/** XStream's spelling of what cannot name an element: `1h` is `_.0031h`, an underscore is two. */
const toElementName = (key: string) =>
  key
    .replaceAll('_', '__')
    .replaceAll('$', '_-')
    .replace(
      /^[^\p{L}_]|[^\p{L}\p{N}_.-]/gu,
      (character) => `_.${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
    );

const escapeText = (text: string) =>
  text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replace(/[^\P{Cc}\t\n\r]/gu, '');
