import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Scene, startScene } from './scene.ts';
import { snippet } from './snippets.ts';

const ORIGIN = 'https://shop.example.com';

describe('the script of docs/clients/browser.md', { timeout: 120_000 }, () => {
  let scene: Scene;
  beforeAll(async () => {
    scene = await startScene({ ROLLCALL_RESOLVE_CORS_ORIGINS: ORIGIN });
    await scene.run('web');
  }, 120_000);
  afterAll(() => scene?.stop());

  test('finds an instance', async () => {
    const text = await snippet(scene, 'browser.md', 'fetch');
    const script = `const token = ${JSON.stringify(scene.token)};\n${text}\nexport default \`\${address}:\${port}\`;`;
    const { default: found } = await import(`data:text/javascript,${encodeURIComponent(script)}`);
    expect([found]).toEqual(scene.places('web'));
  });

  test('is let in by what a browser asks before', async () => {
    const { status, headers } = await fetch(`${scene.url}/resolve/web?tag=blue`, {
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
});
