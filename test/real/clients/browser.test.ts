import { expect, test } from 'vitest';
import type { Scene } from './scene.ts';
import { snippet } from './snippets.ts';
import { withScene } from './with-scene.ts';

const ORIGIN = 'https://shop.example.com';

const environment = { ROLLCALL_RESOLVE_CORS_ORIGINS: ORIGIN };

const suite = (scene: () => Scene) => {
  test('finds an instance', async () => {
    const text = await snippet(scene(), 'browser.md', 'fetch');
    const script = `const token = ${JSON.stringify(scene().token)};\n${text}\nexport default \`\${address}:\${port}\`;`;
    const { default: found } = await import(`data:text/javascript,${encodeURIComponent(script)}`);
    expect([found]).toEqual(scene().places('web'));
  });

  test('is let in by what a browser asks before', async () => {
    const { status, headers } = await fetch(`${scene().url}/resolve/web?tag=blue`, {
      method: 'OPTIONS',
      headers: {
        origin: ORIGIN,
        'access-control-request-method': 'GET',
        'access-control-request-headers': 'authorization',
      },
    });
    expect([status, headers.get('access-control-allow-origin')]).toEqual([204, ORIGIN]);
    expect(headers.get('access-control-allow-headers')).toContain('authorization');
  });
};

withScene('the script of docs/clients/browser.md', suite, environment);
