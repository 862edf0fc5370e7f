import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { factsPython, makeFacts } from '../../scripts/stack/facts/make.ts';
import { withReal } from './real.ts';

const FOLDER = new URL('../../scripts/stack/facts/', import.meta.url);

await withReal('AWS’s own words on its resources and rights', factsPython, (python) =>
  it('are copied as they are, of just what the template uses', async () => {
    const made = await makeFacts(python);
    for (const [name, text] of Object.entries(made))
      expect(await readFile(new URL(name, FOLDER), 'utf8'), 'run: npm run facts').toBe(text);
  }),
);
