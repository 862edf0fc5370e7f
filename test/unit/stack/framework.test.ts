import { createRequire } from 'node:module';
import { expect, it } from 'vitest';
import Framework, { packageOf } from '../../../scripts/serverless/framework.ts';

/** The class itself, as our copy of the framework has it. */
const Serverless: new () => object = createRequire(import.meta.url)('serverless');

/** What a framework hands to plugins, as far as this one reads it. */
const members = (version: string) => ({ version, classes: { Error } });

it('the framework that `npm ci` installs is known by the file of its class, and taken', () => {
  expect(packageOf(Serverless)).toBe('osls');
  const serverless = Object.assign(Object.create(Serverless.prototype), members('4.3.1'));
  expect(() => new Framework(serverless)).not.toThrow();
});

it('another is refused, though its version is one that serverless.yml asks for', () => {
  class Other {}
  const serverless = Object.assign(new Other(), members('4.37.0'));
  expect(() => new Framework(serverless)).toThrow(
    /by osls 4 alone; what runs is another framework, 4\.37\.0\.[\s\S]*`npm ci` installs it/,
  );
});

it('another is refused by its name, where its class is a module’s', () => {
  const require = createRequire(import.meta.url);
  const other = require('esbuild');
  expect(packageOf(other)).toBe('esbuild');
  const serverless = { ...members('3.40.0'), constructor: other };
  expect(() => new Framework(serverless)).toThrow('what runs is esbuild, 3.40.0');
});
