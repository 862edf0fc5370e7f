import { randomUUID } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { AwsFault } from './service.ts';

/** One call, whatever protocol carried it. */
export interface AwsCall {
  /**
   * `AmazonSSM` of `X-Amz-Target: AmazonSSM.GetParameter`; for query protocols the signing name
   * (`ec2`).
   */
  readonly target: string;
  readonly operation: string;
  readonly input: Record<string, unknown>;
  readonly protocol: Protocol;
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

interface Protocol {
  result(operation: string, output: Record<string, unknown>): Answer;
  fault(fault: AwsFault): Answer;
}

/** Reads the call from headers and body. Throws AwsFault where neither protocol is recognised. */
export const parseCall = (headers: IncomingHttpHeaders, body: string): AwsCall => {
  const target = headers['x-amz-target'];
  if (typeof target === 'string') return parseJsonCall(target, headers, body);
  const form = new URLSearchParams(body);
  const operation = form.get('Action');
  if (!operation)
    throw new AwsFault('MissingAction', 'Neither X-Amz-Target nor Action names an operation.');
  return { target: signingName(headers), operation, input: parseForm(form), protocol: ec2Query };
};

/** A fault as the service of this target would answer it; also for requests that name none. */
export const faultAnswer = (target: string, fault: AwsFault): Answer =>
  (target === 'ec2' ? ec2Query : awsJson('1.1', target === 'AmazonSQS')).fault(fault);

const parseJsonCall = (target: string, headers: IncomingHttpHeaders, body: string): AwsCall => {
  const [service = '', operation = ''] = target.split('.');
  const version = headers['content-type']?.endsWith('1.0') ? '1.0' : '1.1';
  return {
    target: service,
    operation,
    input: parseJson(body),
    protocol: awsJson(version, headers['x-amzn-query-mode'] === 'true'),
  };
};

const parseJson = (body: string): Record<string, unknown> => {
  try {
    return JSON.parse(body || '{}');
  } catch {
    throw new AwsFault('SerializationException', 'The request body is not JSON.');
  }
};

/**
 * `Credential=AKIA/20261121/eu-central-1/ec2/aws4_request`: the only place where EC2's name stands
 * in a request.
 */
const signingName = (headers: IncomingHttpHeaders) =>
  /Credential=[^/]*\/[^/]*\/[^/]*\/([^/]*)\//.exec(headers.authorization ?? '')?.[1] ?? '';

/** SQS once spoke the query protocol; clients still see its old error codes in a header. */
const QUERY_CODES: Readonly<Record<string, string>> = {
  QueueDoesNotExist: 'AWS.SimpleQueueService.NonExistentQueue',
};

const awsJson = (version: string, queryMode: boolean): Protocol => {
  const headers = () => ({
    'content-type': `application/x-amz-json-${version}`,
    'x-amzn-requestid': randomUUID(),
  });
  return {
    result: (_operation, output) => ({ status: 200, headers: headers(), body: toJson(output) }),
    fault: ({ code, message, status, members }) => ({
      status,
      headers: {
        ...headers(),
        'x-amzn-errortype': code,
        ...(queryMode && {
          'x-amzn-query-error': `${QUERY_CODES[code] ?? code};${status < 500 ? 'Sender' : 'Receiver'}`,
        }),
      },
      body: toJson({ __type: code, message, ...members }),
    }),
  };
};

/** Dates become seconds since the epoch, as the AWS JSON protocols have them. */
const toJson = (value: unknown): string =>
  JSON.stringify(value, function (this: Record<string, unknown>, key, text) {
    const original = this[key];
    return original instanceof Date ? original.getTime() / 1000 : text;
  });

const ec2Query: Protocol = {
  result: (operation, output) => {
    const name = `${operation}Response`;
    return xml(200, `<${name}><requestId>${randomUUID()}</requestId>${toXml(output)}</${name}>`);
  },
  fault: ({ code, message, status }) =>
    xml(
      status,
      `<Response><Errors><Error>${toXml({ Code: code, Message: message })}</Error></Errors>` +
        `<RequestID>${randomUUID()}</RequestID></Response>`,
    ),
};

const xml = (status: number, body: string): Answer => ({
  status,
  headers: { 'content-type': 'text/xml;charset=UTF-8' },
  body: `<?xml version="1.0" encoding="UTF-8"?>\n${body}`,
});

/** Keys are element names; a list is a run of `<item>`. */
const toXml = (value: unknown): string => {
  if (Array.isArray(value)) return value.map((each) => `<item>${toXml(each)}</item>`).join('');
  if (value instanceof Date) return value.toISOString();
  if (value !== null && typeof value === 'object')
    return Object.entries(value)
      .filter(([, member]) => member !== undefined)
      .map(([name, member]) => `<${name}>${toXml(member)}</${name}>`)
      .join('');
  return String(value ?? '').replace(/[<>&"']/g, (char) => `&#${char.charCodeAt(0)};`);
};

interface Branch {
  [key: string]: Branch | string;
}

/** `Filter.1.Value.2=b` becomes `{Filter: [{Value: [.., 'b']}]}`. */
const parseForm = (form: URLSearchParams): Record<string, unknown> => {
  const root: Branch = {};
  for (const [path, text] of form) {
    const steps = path.split('.');
    const leaf = steps.pop() ?? path;
    let at = root;
    for (const step of steps) {
      const next = at[step];
      at = typeof next === 'object' ? next : grow(at, step);
    }
    at[leaf] = text;
  }
  return Object.fromEntries(Object.entries(root).map(([key, value]) => [key, withLists(value)]));
};

const grow = (at: Branch, step: string): Branch => {
  const branch: Branch = {};
  at[step] = branch;
  return branch;
};

const withLists = (value: Branch | string): unknown => {
  if (typeof value === 'string') return value;
  const entries = Object.entries(value).map(([key, member]) => [key, withLists(member)] as const);
  return entries.every(([key]) => /^\d+$/.test(key))
    ? entries.map(([, member]) => member)
    : Object.fromEntries(entries);
};
