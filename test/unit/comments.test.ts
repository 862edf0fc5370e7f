import { globSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, it } from 'vitest';

const ROOT = resolve(import.meta.dirname, '../..');
const FOLDERS = '{bench,command,functions,local,scripts,shared,stack,test}/**/*.ts';
const COLUMNS = 100;

/** A line that is all comment; what a tool reads must stand in one line. */
const COMMENT = /^\s*(?:\/\/|\/?\*)(?! biome-ignore)/;

it('is wrapped at 100 columns, as the formatter wraps code', () => {
  const long = globSync(FOLDERS, { cwd: ROOT }).flatMap((file) =>
    readFileSync(join(ROOT, file), 'utf8')
      .split('\n')
      .flatMap((line, at) =>
        COMMENT.test(line) && line.length > COLUMNS ? [`${file}:${at + 1}`] : [],
      ),
  );
  expect(long).toEqual([]);
});
