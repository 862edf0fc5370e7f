import { describe, expect, it } from 'vitest';
import { InvalidOptions, parseOptions } from '../../../local/options.ts';

describe('options of npm start', () => {
  it.each([
    [[], { run: 'live', real: false, json: false }],
    [['--once'], { run: 'once', real: false, json: false }],
    [['--once', '--real', '--json'], { run: 'once', real: true, json: true }],
    [['--event', 'a.json'], { run: 'preview', args: ['preview', 'a.json'] }],
    [['--event=a.json', '--aws'], { run: 'preview', args: ['preview', 'a.json', '--account'] }],
    [['--once', '--help'], { run: 'help' }],
  ])('%j', (args, expected) => {
    expect(parseOptions(args)).toEqual(expected);
  });

  it.each([
    [['--onec'], '--onec'],
    [['once'], 'once'],
    [['--aws'], '--event FILE'],
    [['--event'], '--event'],
    [['--event', 'a.json', '--once'], '--once'],
    [['--event', 'a.json', '--real'], '--real'],
  ])('refuses %j, naming it', (args, named) => {
    expect(() => parseOptions(args)).toThrow(InvalidOptions);
    expect(() => parseOptions(args)).toThrow(named);
  });
});
