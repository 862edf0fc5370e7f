import type { Route } from '../routes.ts';
import { rollcallRoutes } from './rollcall.ts';

/** One line per dialect. Where two routes fit a path, the first answers. */
const DIALECTS: readonly (readonly Route[])[] = [rollcallRoutes];

/** The whole surface. */
export const ROUTES: readonly Route[] = DIALECTS.flat();
