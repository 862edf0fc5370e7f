import { cloudMap } from './steps/cloud-map.ts';
import { ec2 } from './steps/ec2.ts';
import { ecs } from './steps/ecs.ts';
import { sqs } from './steps/sqs.ts';
import type { Step } from './steps/step.ts';
import { stores } from './steps/stores.ts';

/**
 * What moto does well enough to be asked. Its lists of tasks are our own patches, and would prove
 * nothing.
 */
export const SCRIPT: readonly Step[] = [...ecs, ...ec2, ...cloudMap, ...sqs, ...stores];
