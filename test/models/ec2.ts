import { type Model, type Reference, type Shape, shapeOf } from './model.ts';

/**
 * EC2's query protocol, read by its model into the values that the JSON protocols would have
 * carried.
 */

/**
 * A request's form. What the model does not name stays under its own name, for the check to find.
 */
export const parseForm = (model: Model, reference: Reference, body: string): unknown => {
  const fields = [...new URLSearchParams(body)].filter(
    ([name]) => name !== 'Action' && name !== 'Version',
  );
  const taken = new Set<string>();
  const read = (to: Reference, prefix: string): unknown => {
    const shape = shapeOf(model, to);
    const inside = (name: string) => `${prefix}${prefix && '.'}${name}`;
    const under = fields.filter(
      ([name]) => name === prefix || prefix === '' || name.startsWith(`${prefix}.`),
    );
    if (under.length === 0) return undefined;
    if (shape.type === 'structure')
      return present(
        Object.entries(shape.members ?? {}).map(([name, member]) => [
          name,
          read(member, inside(upperFirst(member.locationName ?? name))),
        ]),
      );
    const { member } = shape;
    if (shape.type === 'list' && member) {
      const places = new Set(
        under.map(([name]) => name.slice(prefix.length + 1).split('.')[0] ?? ''),
      );
      return [...places].map((place) => read(member, inside(place)));
    }
    taken.add(prefix);
    return toScalar(shape, under[0]?.[1] ?? '');
  };
  const value = read(reference, '') ?? {};
  return { ...Object(value), ...Object.fromEntries(fields.filter(([name]) => !taken.has(name))) };
};

/** An answer's document without its root and request id; likewise. */
export const parseAnswer = (model: Model, reference: Reference, body: string): unknown => {
  const [root] = parseXml(body).children;
  const children = root?.children.filter(({ name }) => name !== 'requestId') ?? [];
  return fromElement(model, reference, { name: '', text: '', children });
};

/** Code of `<Response><Errors><Error><Code>`. */
export const errorCode = (body: string): string | undefined =>
  /<Errors><Error><Code>([^<]*)</.exec(body)?.[1];

interface Element {
  readonly name: string;
  text: string;
  readonly children: Element[];
}

const fromElement = (model: Model, reference: Reference, element: Element): unknown => {
  const shape = shapeOf(model, reference);
  const { member } = shape;
  if (shape.type === 'list' && member)
    return element.children.map((child) =>
      child.name === (member.locationName ?? 'member')
        ? fromElement(model, member, child)
        : { [child.name]: child.text },
    );
  if (shape.type !== 'structure') return toScalar(shape, element.text);
  const members = Object.entries(shape.members ?? {});
  return Object.fromEntries(
    element.children.map((child) => {
      const found = members.find(([name, { locationName = name }]) => locationName === child.name);
      return found ? [found[0], fromElement(model, found[1], child)] : [child.name, child.text];
    }),
  );
};

/** Elements and text alone: no comments, CDATA or mixed content, which EC2 does not send. */
const parseXml = (text: string): Element => {
  const root: Element = { name: '', text: '', children: [] };
  const open = [root];
  for (const [, close, name, empty, between] of text.matchAll(
    /<(\/?)([\w:.-]+)[^>]*?(\/?)>|([^<]+)/g,
  )) {
    const at = open.at(-1) ?? root;
    if (between !== undefined) at.text += decode(between);
    else if (close) open.pop();
    else {
      const element: Element = { name: name ?? '', text: '', children: [] };
      at.children.push(element);
      if (!empty) open.push(element);
    }
  }
  return root;
};

const NAMED: Readonly<Record<string, string>> = {
  lt: '<',
  gt: '>',
  amp: '&',
  quot: '"',
  apos: "'",
};

const decode = (text: string) =>
  text.replace(/&(?:#(\d+)|(\w+));/g, (whole, code, name) =>
    code ? String.fromCodePoint(Number(code)) : (NAMED[name] ?? whole),
  );

/** Text that is not what the shape asks for stays text, for the check to find. */
const toScalar = ({ type }: Shape, text: string): unknown => {
  if (/^(integer|long|float|double)$/.test(type))
    return text !== '' && !Number.isNaN(Number(text)) ? Number(text) : text;
  if (type === 'boolean') return text === 'true' ? true : text === 'false' ? false : text;
  if (type === 'timestamp')
    return /^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(text) ? Date.parse(text) / 1000 : text;
  return text;
};

const present = (entries: readonly (readonly [string, unknown])[]) =>
  Object.fromEntries(entries.filter(([, value]) => value !== undefined));

const upperFirst = (name: string) => name.charAt(0).toUpperCase() + name.slice(1);
