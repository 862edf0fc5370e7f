import { pageRoutes } from './page/routes.ts';
import { consulRoutes } from './protocols/consul/routes.ts';
import { envoyRoutes } from './protocols/envoy/routes.ts';
import { eurekaRoutes } from './protocols/eureka/routes.ts';
import { openApiRoutes } from './protocols/openapi/routes.ts';
import { prometheusRoutes } from './protocols/prometheus/routes.ts';
import { rollcallRoutes } from './protocols/rollcall/routes.ts';
import type { Route } from './route.ts';

/**
 * The route table: every path that the resolver answers. Where two routes match a path, the first
 * answers. A new protocol is a folder and a line here.
 */
export const ROUTES: readonly Route[] = [
  rollcallRoutes,
  pageRoutes,
  prometheusRoutes,
  consulRoutes,
  eurekaRoutes,
  envoyRoutes,
  // The description is of all routes, itself included, so it takes them when it is asked for.
  openApiRoutes(() => ROUTES),
].flat();
