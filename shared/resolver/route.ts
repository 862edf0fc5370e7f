import type { Awaitable } from '../platform/awaitable.ts';
import type { ResolverRequest, ResolverResponse } from './http/message.ts';
import type { KeptAnswers } from './lookup/answers.ts';
import type { Holds } from './lookup/holds.ts';
import type { LongPoll } from './lookup/long-poll.ts';
import type { RequestReader } from './lookup/request-reader.ts';
import type { WithholdTarget } from './lookup/withhold.ts';
import type { Metrics } from './metrics.ts';
import type { ReadPageData } from './page/page-data.ts';

/** What the process makes once, for all its requests. */
export interface Resources {
  readonly access: Access;
  /** Bodies that are kept, for all requests and waiting clients. */
  readonly answers: KeptAnswers;
  /** The places for requests that wait. */
  readonly holds: Holds;
  readonly longPoll: LongPoll;
  readonly readPageData: ReadPageData;
  /** The page shows what is withheld; nothing else sees it. */
  readonly withhold: WithholdTarget;
  readonly metrics: Metrics;
  /** Rejects until the registry has been read once. */
  readonly untilReady: () => Promise<void>;
  /** In [0, 1). */
  readonly random: () => number;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** One request on its way, with all that a handler may use to answer it. */
export interface RequestContext extends Resources {
  readonly request: ResolverRequest;
  readonly route: Route;
  /** Empty where the route has none: it is then not even read. */
  readonly body: string;
  /** Belongs to this request: the check of access notes it. */
  readonly caller: Caller;
  /** `{name}`: one part of the path, decoded. `{path+}`: the rest of it as it came, encoded. */
  readonly params: Readonly<Record<string, string>>;
  /** Belongs to this request: it notes how old what it has read is. */
  readonly reader: RequestReader;
}

/** `open`: nobody is asked for a token here (with `iam`, API Gateway has checked the signature). */
export type Access = {
  /** Only where requests must show that they came by way of what stands before the resolver. */
  readonly isOrigin?: FindToken;
} & (
  | { readonly kind: 'open' }
  | {
      readonly kind: 'token';
      readonly match: FindToken;
      /** A client has sent its token in the query, where logs keep it. */
      readonly tellOfQuery: (client: string) => void;
    }
);

/** The token in force, if the credential shows knowledge of it; undefined if not. */
export type FindToken = (credential: Credential) => Awaitable<KnownToken | undefined>;

/** A token in force. */
export interface KnownToken {
  /** Whose it is: a name that may be logged. */
  readonly client: string;
  readonly text: string;
  /** SHA-256. */
  readonly digest: Buffer;
}

/** Whether what a request carries (a token, a cookie) was made with this token. */
export type Credential = (token: KnownToken) => boolean;

/** Who asks, once that is known. */
export interface Caller {
  /** As the tokens' secret calls it; undefined where no token is asked for, or none was right. */
  name: string | undefined;
}

/** For a route that people open in a browser. */
export interface BrowserAccess {
  /** The session cookies that the request carries. They open this route as the token does. */
  readonly sessions: (request: ResolverRequest, now: number) => readonly Credential[];
  /** Shown instead of the 401; undefined where the client is no browser. */
  readonly signInForm: (context: RequestContext) => Promise<ResolverResponse | undefined>;
}

/** One path of the surface: what answers it, and how the OpenAPI document describes it. */
export interface Route {
  /** GET answers HEAD too. ANY: every method. */
  readonly method: 'GET' | 'POST' | 'ANY';
  /** `/services/{name}`. A `{path+}` at the end takes the rest, be it empty or with slashes. */
  readonly path: string;
  /** The path may also end with a slash. */
  readonly optionalSlash?: true;
  readonly summary: string;
  /** Those in the query are checked before the handler is called. */
  readonly parameters?: readonly Parameter[];
  /** Refuse unknown query keys, for paths where an ignored filter would answer too much. */
  readonly strictQuery?: true;
  readonly body?: BodyDescription;
  readonly responses: Readonly<Record<number, ResponseDescription>>;
  /** Who is answered. Absent: whoever brings the token. `public`: everybody. */
  readonly access?: 'public' | BrowserAccess;
  readonly handle: (context: RequestContext) => Awaitable<ResolverResponse>;
}

/** A parameter as OpenAPI describes it: what is checked and what is documented are the same. */
export interface Parameter {
  /** With `prefix`, the beginning of the key: `meta.` stands for `meta.<anything>`. */
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly description: string;
  readonly schema: ValueSchema;
  /** May come more than once. */
  readonly repeatable?: true;
  readonly prefix?: true;
}

export type ValueSchema =
  | StringSchema
  | { readonly type: 'integer'; readonly minimum: number; readonly maximum: number }
  | { readonly type: 'boolean' };

export interface StringSchema {
  readonly type: 'string';
  readonly enum?: readonly string[];
  readonly minLength?: number;
  readonly maxLength?: number;
  /** Anchored, in the syntax that JavaScript and JSON Schema share. */
  readonly pattern?: string;
  /** What language the text is in; described only, not checked. */
  readonly format?: string;
  /** What is expected, for the document and for error messages. */
  readonly description?: string;
}

/** JSON Schema, as OpenAPI 3.1 takes it. */
export type Schema = Readonly<Record<string, unknown>>;

export interface ResponseDescription {
  readonly description: string;
  /** There is no body, though it is an error. */
  readonly isEmpty?: true;
  /** By media type. */
  readonly content?: Readonly<Record<string, Schema>>;
}

export interface BodyDescription {
  /** Bytes; a longer one is refused. */
  readonly most: number;
  readonly description: string;
  readonly required: boolean;
  /** By media type. */
  readonly content: Readonly<Record<string, Schema>>;
}
