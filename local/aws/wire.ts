import { randomUUID } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { INVOKE, invocationAnswer } from './invocations.ts';
import { AwsFault } from './service.ts';

/** One call, whatever protocol carried it. */
export interface AwsCall {
  /**
   * `AmazonSSM` of `X-Amz-Target: AmazonSSM.GetParameter`; for the other protocols the signing name
   * (`ec2`, `cloudformation`, `lambda`).
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

/** What of a request tells which call it is. */
interface Head {
  readonly url?: string | undefined;
  readonly headers: IncomingHttpHeaders;
}

/** Reads the call from a request. Throws AwsFault where no protocol is recognised. */
export const parseCall = ({ url = '', headers }: Head, body: string): AwsCall => {
  const [, name] = INVOCATION.exec(url) ?? [];
  if (name !== undefined) return parseInvocation(decodeURIComponent(name), body);
  const target = headers['x-amz-target'];
  if (typeof target === 'string') return parseJsonCall(target, headers, body);
  const form = new URLSearchParams(body);
  const operation = form.get('Action');
  if (!operation)
    throw new AwsFault('MissingAction', 'Neither X-Amz-Target nor Action names an operation.');
  const own = signingName(headers);
  const protocol = own === 'cloudformation' ? awsQuery : ec2Query;
  return { target: own, operation, input: parseForm(form), protocol };
};

/** Of Lambda's REST API nothing else is simulated. */
const INVOCATION = /^\/2015-03-31\/functions\/([^/]+)\/invocations$/;

const parseInvocation = (name: string, body: string): AwsCall => ({
  target: 'lambda',
  operation: INVOKE,
  input: { FunctionName: name, Payload: parsePayload(body) },
  protocol: lambdaRest,
});

const parsePayload = (body: string): unknown => {
  try {
    return JSON.parse(body || '{}');
  } catch {
    throw new AwsFault('InvalidRequestContentException', 'Could not parse request body into json.');
  }
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

/** CloudFormation's: the answer stands in an element of its own, and a list's items are members. */
const awsQuery: Protocol = {
  result: (operation, output) => {
    const inner = `<${operation}Result>${toXml(output, 'member')}</${operation}Result>`;
    return xml(200, `<${operation}Response>${inner}</${operation}Response>`);
  },
  fault: ({ code, message, status }) => {
    const error = toXml({ Type: 'Sender', Code: code, Message: message });
    return xml(status, `<ErrorResponse><Error>${error}</Error></ErrorResponse>`);
  },
};

const lambdaRest: Protocol = {
  result: (_operation, output) => invocationAnswer(output),
  fault: ({ code, message, status }) => ({
    status,
    headers: { 'content-type': 'application/json', 'x-amzn-errortype': code },
    body: JSON.stringify({ Type: 'User', Message: message }),
  }),
};

const xml = (status: number, body: string): Answer => ({
  status,
  headers: { 'content-type': 'text/xml;charset=UTF-8' },
  body: `<?xml version="1.0" encoding="UTF-8"?>\n${body}`,
});

/** Keys are element names; a list is a run of `<item>`, or of what its protocol calls one. */
const toXml = (value: unknown, item = 'item'): string => {
  if (Array.isArray(value))
    return value.map((each) => `<${item}>${toXml(each, item)}</${item}>`).join('');
  if (value instanceof Date) return value.toISOString();
  if (value !== null && typeof value === 'object')
    return Object.entries(value)
      .filter(([, member]) => member !== undefined)
      .map(([name, member]) => `<${name}>${toXml(member, item)}</${name}>`)
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
