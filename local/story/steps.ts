import type { Stage } from './stage.ts';
import { loseEvent, loseHost, outage } from './steps/losses.ts';
import { purge, withhold } from './steps/operator.ts';
import {
  health,
  kill,
  portal,
  resolve,
  rollOut,
  scaleUp,
  start,
  stopEarly,
} from './steps/tasks.ts';

/** One thing that must be so; `run` throws where it is not. */
export interface Step {
  readonly title: string;
  readonly run: (stage: Stage) => Promise<void>;
}

export const STEPS: readonly Step[] = [
  {
    title: 'every running task is in all three registries, each of its ports under its name',
    run: start,
  },
  {
    title: 'the resolver names an instance of stock-price, and that address answers',
    run: resolve,
  },
  { title: "the portal shows the two others' answers, found through the resolver", run: portal },
  { title: 'scaled up: two more stock-price tasks land', run: scaleUp },
  {
    title: 'a new revision is rolled out: none of the requests fails that clients send meanwhile',
    run: rollOut,
  },
  {
    title: 'an event is lost: the stopped task stays registered until one reconcile repairs it',
    run: loseEvent,
  },
  {
    title: 'a registry is down: the others get a new task at once, that one when it is back',
    run: outage,
  },
  {
    title: 'an unhealthy task is marked as such, is never resolved, and comes back healthy',
    run: health,
  },
  { title: 'a stopping task leaves the registries before its process is gone', run: stopEarly },
  { title: 'a task whose process died leaves, and its replacement lands', run: kill },
  { title: 'a host goes down: its tasks leave while ECS still calls them running', run: loseHost },
  {
    title:
      'more than half of the records are merely missing: withheld, shown by plan, removed once released',
    run: withhold,
  },
  { title: 'purged under observe: nothing of ours is left, the foreign records are', run: purge },
];
