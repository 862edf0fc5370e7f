import { randomUUID } from 'node:crypto';
import { AwsFault } from '../service.ts';
import { type Input, records, text, texts } from './input.ts';
import { page } from './paging.ts';
import type { Operation, State } from './state.ts';

type Submission = Pick<Operation, 'type' | 'targets' | 'effect' | 'creatorRequestId'>;

/** Accepts work whose effect shows once the operation's delay has passed. */
export const submit = (state: State, submission: Submission) => {
  const now = state.now();
  const id = `${randomUUID()}-${(++state.seq).toString(36)}`;
  const operation: Operation = {
    ...submission,
    id,
    seq: state.seq,
    created: now,
    updated: now,
    status: 'SUBMITTED',
  };
  state.operations.set(id, operation);
  state.open.add(operation);
  return { OperationId: id };
};

/** Ends every operation that is due; called before each request, so that no timer is needed. */
export const settleOperations = (state: State) => {
  const now = state.now();
  for (const operation of state.open) {
    const left = operation.created + state.operationDelay - now;
    if (left <= 0) end(state, operation);
    else if (left <= state.operationDelay / 2) move(operation, 'PENDING', now);
  }
};

const end = (state: State, operation: Operation) => {
  const failure = state.failures.shift();
  if (failure) operation.error = failure;
  else operation.effect();
  move(operation, failure ? 'FAIL' : 'SUCCESS', state.now());
  state.open.delete(operation);
};

const move = (operation: Operation, status: Operation['status'], now: number) => {
  operation.status = status;
  operation.updated = now;
};

export const operationHandlers = (state: State) => ({
  GetOperation(input: Input) {
    const operation = state.operations.get(text(input, 'OperationId'));
    if (!operation) throw new AwsFault('OperationNotFound', 'No operation with this ID exists.');
    return { Operation: describe(operation) };
  },
  ListOperations(input: Input) {
    const wanted = records(input, 'Filters').map((filter) => ({
      name: text(filter, 'Name'),
      values: texts(filter, 'Values'),
    }));
    const { items, NextToken } = page(state.operations.values(), input, (operation) =>
      wanted.every(({ name, values }) => values.includes(fact(operation, name) ?? '')),
    );
    return { Operations: items.map(({ id, status }) => ({ Id: id, Status: status })), NextToken };
  },
});

const fact = (operation: Operation, name: string) =>
  ({
    NAMESPACE_ID: operation.targets.NAMESPACE,
    SERVICE_ID: operation.targets.SERVICE,
    STATUS: operation.status,
    TYPE: operation.type,
  })[name];

const describe = ({ id, type, status, error, created, updated, targets }: Operation) => ({
  Id: id,
  Type: type,
  Status: status,
  ErrorCode: error?.code,
  ErrorMessage: error?.message,
  CreateDate: new Date(created),
  UpdateDate: new Date(updated),
  Targets: targets,
});
