import type { Route } from '../routes.ts';
import { consulRoutes } from './consul.ts';
import { envoyRoutes } from './envoy.ts';
import { eurekaRoutes } from './eureka.ts';
import { openApiRoutes } from './openapi.ts';
import { pageRoutes } from './page.ts';
import { prometheusRoutes } from './prometheus.ts';
import { rollcallRoutes } from './rollcall.ts';

/** One line per dialect. Where two routes fit a path, the first answers. */
const DIALECTS: readonly (readonly Route[])[] = [
  rollcallRoutes,
  pageRoutes,
  prometheusRoutes,
  consulRoutes,
  eurekaRoutes,
  envoyRoutes,
  openApiRoutes(() => ROUTES),
];

/** The whole surface. */
export const ROUTES: readonly Route[] = DIALECTS.flat();
