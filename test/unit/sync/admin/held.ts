import type { Target } from '../../../../shared/model/registration.ts';

/**
 * What Registrator wrote of a container, by default of task `a`: an id of its own kind, no mark of
 * ours.
 */
export const held = (more: Partial<Target> = {}): Target => ({
  id: 'host-1:ecs-web-1-app-9af2:8080',
  service: 'web',
  address: '10.0.1.163',
  port: 8080,
  protocol: 'tcp',
  healthy: true,
  zone: null,
  weight: 1,
  tags: [],
  metadata: {},
  ...more,
});
