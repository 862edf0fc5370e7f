import { spawn } from 'node:child_process';
import { expect, onTestFinished } from 'vitest';
import type { Scene } from './scene.ts';

/** A program that writes a line of JSON whenever it learns of another list of tasks. */
export interface Program {
  readonly command: string;
  readonly args: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  /** `address:port` of the instances in a line. */
  readonly placesIn: (line: string) => readonly string[];
}

/**
 * That the program tells of the first task, of one more and of the end of all, and that it says so
 * and keeps what it has while the registry is down and nothing is cached.
 */
export const expectFollowing = async (scene: Scene, program: Program): Promise<void> => {
  const { command, args, environment, placesIn } = program;
  const child = spawn(command, args, { env: { ...process.env, ...environment } });
  onTestFinished(() => void child.kill());
  let [said, complained] = ['', ''];
  child.stdout.on('data', (chunk) => {
    said += chunk;
  });
  child.stderr.on('data', (chunk) => {
    complained += chunk;
  });
  const lines = () =>
    said
      .split('\n')
      .slice(0, -1)
      .filter((line) => /^[[{]/.test(line));
  const places = () => [...placesIn(lines().at(-1) ?? '[]')].sort();
  const settles = () =>
    expect.poll(places, { timeout: 60_000, message: complained }).toEqual(scene.places('web'));

  await settles();
  expect(scene.places('web')).not.toEqual([]);
  await scene.run('web');
  await settles();

  scene.takeDown();
  await scene.restart();
  complained = '';
  await expect
    .poll(() => complained, { timeout: 60_000 })
    .toMatch(/503|unavailable|unable to retrieve/i);
  expect(places()).toEqual(scene.places('web'));
  scene.bringUp();

  await scene.end('web');
  await settles();
  expect(scene.places('web')).toEqual([]);
};
