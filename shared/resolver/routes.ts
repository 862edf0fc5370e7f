import { pageRoutes } from './page/routes.ts';
import type { Route } from './pipeline/router.ts';
import { consulRoutes } from './protocols/consul/routes.ts';
import { envoyRoutes } from './protocols/envoy/routes.ts';
import { eurekaRoutes } from './protocols/eureka/routes.ts';
import { openApiRoutes } from './protocols/openapi/routes.ts';
import { prometheusRoutes } from './protocols/prometheus/routes.ts';
import { rollcallRoutes } from './protocols/rollcall/routes.ts';

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
