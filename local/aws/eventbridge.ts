import { randomUUID } from 'node:crypto';
import { records, required } from './input.ts';
import { AwsFault, type AwsService } from './service.ts';
import type { AwsEvent } from './world/shapes.ts';
import type { World } from './world.ts';

export interface EventBus extends AwsService {
  /** Gets every event that is put, as a rule of the bus does. */
  onEvent(listener: (event: AwsEvent) => void): void;
}

/** The account's default bus, where programs put events of their own. */
export const createEventBus = (world: World): EventBus => {
  const listeners: ((event: AwsEvent) => void)[] = [];
  return {
    target: 'AWSEvents',
    onEvent: (listener) => void listeners.push(listener),
    async handle(operation, input) {
      if (operation !== 'PutEvents')
        throw new AwsFault('UnknownOperationException', `Events ${operation} is not simulated.`);
      const entries = records(input, 'Entries');
      if (entries.length < 1 || entries.length > 10)
        throw new AwsFault('ValidationException', 'Entries: expected 1 to 10 members.');
      const Entries = entries.map((entry) => {
        const source = required(entry, 'Source');
        if (source.startsWith('aws.'))
          return { ErrorCode: 'NotAuthorizedForSourceException', ErrorMessage: 'Not authorized.' };
        const event: AwsEvent = {
          version: '0',
          id: randomUUID(),
          'detail-type': required(entry, 'DetailType'),
          source,
          account: world.account,
          time: new Date(world.now()).toISOString(),
          region: world.region,
          resources: [],
          detail: JSON.parse(required(entry, 'Detail')),
        };
        for (const listener of listeners) listener(event);
        return { EventId: event.id };
      });
      return { FailedEntryCount: Entries.filter((one) => 'ErrorCode' in one).length, Entries };
    },
  };
};
