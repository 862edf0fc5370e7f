/**
 * One simulated AWS service. The server parses the wire protocol and calls `handle`; a thrown
 * AwsFault becomes the service's error answer.
 */
export interface AwsService {
  /**
   * What the SDK puts before the dot in X-Amz-Target (`AmazonEC2ContainerServiceV20141113`), or the
   * service's name for query protocols.
   */
  readonly target: string;
  /** Its protocol is not held against AWS's service models: only the command speaks it. */
  readonly unmodelled?: true;
  handle(operation: string, input: Record<string, unknown>): Promise<Record<string, unknown>>;
}

export class AwsFault extends Error {
  readonly code: string;
  readonly status: number;
  readonly members: Readonly<Record<string, unknown>>;
  constructor(
    code: string,
    message: string,
    status = 400,
    members: Readonly<Record<string, unknown>> = {},
  ) {
    super(message);
    this.code = code;
    this.status = status;
    this.members = members;
  }
}
