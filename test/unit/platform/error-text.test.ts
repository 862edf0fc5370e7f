import { describe, expect, it } from 'vitest';
import { errorText } from '../../../shared/platform/error-text.ts';

describe('an error', () => {
  const because = (message: string, cause: unknown) => new Error(message, { cause });

  it.each([
    [new Error('down'), 'down'],
    [new TypeError('no text'), 'TypeError: no text'],
    [
      because('cannot list', because('no answer', new RangeError('port'))),
      'cannot list (no answer (RangeError: port))',
    ],
    [
      new AggregateError([new Error('::1 refused'), new Error('127.0.0.1 refused')]),
      '::1 refused, 127.0.0.1 refused',
    ],
    [
      new AggregateError([new Error('one')], 'not renewed', { cause: 'one' }),
      'AggregateError: not renewed (one)',
    ],
    ['text', 'text'],
    [undefined, 'undefined'],
    [
      Object.assign(new Error('consul: reading /v1: 500'), { name: 'ConsulFault' }),
      'consul: reading /v1: 500',
    ],
    [Object.assign(new Error('InternalFailure'), { name: 'InternalFailure' }), 'InternalFailure'],
  ])('is told by name, message and causes (%#)', (error, text) => {
    expect(errorText(error)).toBe(text);
  });
});
