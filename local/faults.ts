/**
 * A fault that a simulated server shows instead of its answer: for tests and for `npm start`'s
 * "take a registry down".
 */
export interface Fault {
  /** How many matching requests it strikes; Infinity until cleared. */
  readonly times: number;
  /** Answer with this status and body instead of acting. */
  readonly status?: number;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Act, then drop the connection without an answer: the ambiguous failure. */
  readonly actThenDrop?: boolean;
  /** Never answer (the client's timeout strikes). */
  readonly hang?: boolean;
  /** Which requests; all unless said. For AWS services `url` is `/Operation`. */
  readonly match?: (method: string, url: string) => boolean;
}

/**
 * A request as it came in. For AWS services `method` is the service's target and `url`
 * `/Operation`.
 */
export interface Arrived {
  readonly method: string;
  readonly url: string;
  readonly body: string;
}

/** The faults in force at one server. */
export class Faults {
  #active: { fault: Fault; left: number }[] = [];
  /**
   * What each request waits for before it is served, struck ones included: distance, or a busy
   * server. Default: nothing.
   */
  latency: (request: Arrived) => Promise<void> | undefined = () => undefined;
  inject(fault: Fault): void {
    this.#active.push({ fault, left: fault.times });
  }
  clear(): void {
    this.#active = [];
  }
  /** The fault that strikes this request, if any; counts it. */
  strike(method: string, url: string): Fault | undefined {
    const hit = this.#active.find(
      ({ fault, left }) => left > 0 && (fault.match?.(method, url) ?? true),
    );
    if (hit) hit.left--;
    return hit?.fault;
  }
}
