/** A list price of us-east-1 in US dollars, without free tiers. */
export interface Price {
  /** For how many of the unit. */
  readonly dollars: number;
  readonly per: number;
  readonly unit: string;
  readonly source: string;
}

/** When the prices were looked up. */
export const LOOKED_UP = '2026-11';

const MILLION = 1_000_000;

/** Everything that is paid by use; a bill in another region has other figures. */
export const PRICES = {
  gbSecond: {
    dollars: 13.3334,
    per: MILLION,
    unit: 'GB-seconds of Lambda on arm64',
    source: 'https://aws.amazon.com/lambda/pricing/',
  },
  invocation: {
    dollars: 0.2,
    per: MILLION,
    unit: 'invocations of Lambda',
    source: 'https://aws.amazon.com/lambda/pricing/',
  },
  queueRequest: {
    dollars: 0.4,
    per: MILLION,
    unit: 'requests to SQS',
    source: 'https://aws.amazon.com/sqs/pricing/',
  },
  httpRequest: {
    dollars: 1,
    per: MILLION,
    unit: 'requests to an HTTP API',
    source: 'https://aws.amazon.com/api-gateway/pricing/',
  },
  metric: {
    dollars: 0.3,
    per: 1,
    unit: 'metric of one’s own, a month; by the hours in which it is sent',
    source: 'https://aws.amazon.com/cloudwatch/pricing/',
  },
  alarm: {
    dollars: 0.1,
    per: 1,
    unit: 'metric that an alarm watches, a month',
    source: 'https://aws.amazon.com/cloudwatch/pricing/',
  },
  logGigabyte: {
    dollars: 0.5,
    per: 1,
    unit: 'gigabyte of logs taken in',
    source: 'https://aws.amazon.com/cloudwatch/pricing/',
  },
  secret: {
    dollars: 0.4,
    per: 1,
    unit: 'secret, a month',
    source: 'https://aws.amazon.com/secrets-manager/pricing/',
  },
  instance: {
    dollars: 0.1,
    per: 1,
    unit: 'instance in Cloud Map, a month',
    source: 'https://aws.amazon.com/cloud-map/pricing/',
  },
  discovery: {
    dollars: 1,
    per: MILLION,
    unit: 'calls of Cloud Map’s discovery',
    source: 'https://aws.amazon.com/cloud-map/pricing/',
  },
  event: {
    dollars: 1,
    per: MILLION,
    unit: 'events of one’s own on EventBridge',
    source: 'https://aws.amazon.com/eventbridge/pricing/',
  },
  dashboard: {
    dollars: 3,
    per: 1,
    unit: 'dashboard, a month, beyond the three that an account has free',
    source: 'https://aws.amazon.com/cloudwatch/pricing/',
  },
  trace: {
    dollars: 5,
    per: MILLION,
    unit: 'traces of X-Ray beyond 100,000 a month',
    source: 'https://aws.amazon.com/xray/pricing/',
  },
  natHour: {
    dollars: 0.045,
    per: 1,
    unit: 'hour of a NAT gateway, and the same for a gigabyte through it',
    source: 'https://aws.amazon.com/vpc/pricing/',
  },
  endpointHour: {
    dollars: 0.01,
    per: 1,
    unit: 'hour of an interface endpoint in one zone',
    source: 'https://aws.amazon.com/privatelink/pricing/',
  },
} as const satisfies Readonly<Record<string, Price>>;

/** Dollars for so many of a unit. */
export const dollars = (name: keyof typeof PRICES, count: number): number =>
  (PRICES[name].dollars / PRICES[name].per) * count;
