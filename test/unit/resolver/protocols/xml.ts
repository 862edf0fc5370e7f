/** A strict reader of the little XML that Eureka speaks. Throws at what no XML 1.0 parser takes. */
export interface Element {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly Element[];
  readonly text: string;
}

const NAME = '[A-Za-z_][A-Za-z0-9_.-]*';
const OPEN = new RegExp(`<(${NAME})((?: ${NAME}="[^"<]*")*)>`, 'y');
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the ones that XML forbids.
export const FORBIDDEN = /[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/g;

export const parseXml = (xml: string): Element => {
  if (xml.search(FORBIDDEN) >= 0 || !xml.isWellFormed())
    throw new Error('a character that XML forbids');
  let at = 0;
  const element = (): Element => {
    OPEN.lastIndex = at;
    const opened = OPEN.exec(xml);
    if (!opened) throw new Error(`expected an element, got ${xml.slice(at, at + 40)}`);
    const [all, name = '', attributes = ''] = opened;
    at += all.length;
    const children: Element[] = [];
    let text = '';
    for (;;) {
      const next = xml.indexOf('<', at);
      if (next < 0) throw new Error(`${name} is not closed`);
      text += unescaped(xml.slice(at, next));
      at = next;
      if (xml.startsWith('</', at)) break;
      children.push(element());
    }
    if (!xml.startsWith(`</${name}>`, at)) throw new Error(`expected </${name}>`);
    at += name.length + 3;
    const pairs = [...attributes.matchAll(/ ([^=]+)="([^"]*)"/g)];
    return {
      name,
      attributes: Object.fromEntries(
        pairs.map(([, key = '', value = '']) => [key, unescaped(value)]),
      ),
      children,
      text,
    };
  };
  const root = element();
  if (at !== xml.length) throw new Error('something follows the root');
  return root;
};

const ENTITIES: Readonly<Record<string, string>> = {
  '&amp;': '&',
  '&lt;': '<',
  '&gt;': '>',
  '&quot;': '"',
  '&#xd;': '\r',
};

const unescaped = (text: string) => {
  // A parser reads a bare carriage return as a line feed.
  if (text.includes('\r')) throw new Error('a carriage return that would be lost');
  return text.replace(/&[^;]*;?/g, (entity) => {
    const character = ENTITIES[entity];
    if (character === undefined) throw new Error(`unknown entity ${entity}`);
    return character;
  });
};

/** XStream's way back: `__` is `_`, `_-` is `$`, `_.0031` is `1`. */
export const toKey = (name: string) =>
  name.replace(/__|_-|_\.([0-9a-f]{4})/g, (written, code: string | undefined) =>
    code === undefined
      ? written === '__'
        ? '_'
        : '$'
      : String.fromCharCode(Number.parseInt(code, 16)),
  );

export const childOf = (element: Element, name: string): Element => {
  const found = element.children.find((child) => child.name === name);
  if (!found) throw new Error(`${element.name} has no ${name}`);
  return found;
};
