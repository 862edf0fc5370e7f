import { notAnswered } from '../exit.ts';

/** The JSON of an answer that is none of an error; else rejects with the resolver's own words. */
export const bodyOf = async <T>(response: Response): Promise<T> => {
  if (!response.ok)
    throw notAnswered(`the resolver answers ${response.status}: ${await problemIn(response)}`);
  const text = await response.text();
  try {
    return JSON.parse(text) as T;
  } catch {
    // A captive portal or a proxy's login page, for instance.
    throw notAnswered(
      `what stands at ${response.url} is no resolver: expected JSON, got ${text.slice(0, 80).trim() || 'nothing'}`,
    );
  }
};

/**
 * What `application/problem+json` says in words; and before the resolver is reached, API Gateway as
 * `message`, and IAM as `Message`.
 */
export const problemIn = async (response: Response): Promise<string> => {
  const text = await response.text();
  try {
    const { detail, title, message, Message } = JSON.parse(text);
    return detail ?? title ?? message ?? Message ?? text;
  } catch {
    return text.slice(0, 200) || response.statusText;
  }
};
