import { afterAll, afterEach, beforeAll, describe } from 'vitest';
import { type Scene, startScene } from './scene.ts';

/** Milliseconds: clients ask at intervals of their own. */
const PATIENCE = 120_000;

/**
 * Tests over one scene with a task of `web`, whose registry is up again after each. `environment`
 * is the resolver's. What the suite starts itself begins after the scene and ends before it.
 */
export const withScene = (
  what: string,
  suite: (scene: () => Scene) => void,
  environment: Readonly<Record<string, string>> = {},
) =>
  describe(what, { timeout: PATIENCE }, () => {
    let scene: Scene;
    beforeAll(async () => {
      scene = await startScene(environment);
      await scene.run('web');
    });
    afterEach(() => scene.bringUp());
    afterAll(() => scene?.stop());
    suite(() => scene);
  });
