export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export const reply = {
  json: (
    value: unknown,
    { status = 200, headers = {} }: Partial<Omit<Reply, 'body'>> = {},
  ): Reply => ({
    status,
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(value),
  }),
  text: (status: number, body: string, headers: Reply['headers'] = {}): Reply => ({
    status,
    headers: { 'content-type': 'text/plain; charset=utf-8', ...headers },
    body,
  }),
};
