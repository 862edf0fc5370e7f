import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { escapeHtml, html, untrusted } from '../../../../shared/resolver/page/html.ts';

/** What a browser makes of it again: the five names, and nothing else that begins with `&`. */
const toText = (text: string) =>
  text
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&amp;', '&');

const UNSEEN = /[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/u;
const anyText = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({
    unit: fc.constantFrom(
      '<',
      '>',
      '&',
      '"',
      "'",
      '`',
      '=',
      '/',
      ' ',
      'a',
      '\0',
      '\u202e',
      '\ud800',
      '😀',
    ),
  }),
);

describe('escaping', () => {
  it('leaves nothing that begins a tag, an entity or an attribute’s end, whatever comes', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const escaped = escapeHtml(text);
        expect(escaped).not.toMatch(/[<>"']|&(?!(?:amp|lt|gt|quot|#39);)/);
        expect(escaped).not.toMatch(UNSEEN);
      }),
    );
  });

  it('loses nothing that can be seen', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        fc.pre(!UNSEEN.test(text));
        expect(toText(escapeHtml(text))).toBe(text);
      }),
    );
  });

  it.each([
    ['</script><script>alert(1)</script>', '&lt;/script&gt;&lt;script&gt;alert(1)&lt;/script&gt;'],
    ['" onmouseover="x', '&quot; onmouseover=&quot;x'],
    ["' x", '&#39; x'],
    ['&amp;', '&amp;amp;'],
    ['exe.\u202egpj', 'exe.\\u202egpj'],
    ['a\u200bb', 'a\\u200bb'],
    ['a\nb\0', 'a\\u000ab\\u0000'],
    ['\ud800', '\ufffd'],
    ['日本 שלום 😀', '日本 שלום 😀'],
  ])('makes %j visible text', (text, escaped) => {
    expect(escapeHtml(text)).toBe(escaped);
  });
});

describe('a template', () => {
  it('escapes text, keeps HTML, joins lists, and leaves out what is not there', () => {
    const items = ['<', '&'].map((text) => html`<li>${text}</li>`);
    expect(html`<ul title="${'"'}">${items}${false}${undefined}${0}</ul>`.html).toBe(
      '<ul title="&quot;"><li>&lt;</li><li>&amp;</li>0</ul>',
    );
  });
});

describe('text from outside', () => {
  it('is kept apart from the direction of what stands around it, and cut', () => {
    expect(untrusted('x').html).toBe('<bdi>x</bdi>');
    expect(untrusted('x'.repeat(1_000)).html).toBe(
      `<bdi>${'x'.repeat(400)}… (1000 characters)</bdi>`,
    );
  });

  it('is cut without half a character', () => {
    expect(untrusted(`${'x'.repeat(399)}😀${'x'.repeat(9)}`).html).not.toMatch(UNSEEN);
  });
});
