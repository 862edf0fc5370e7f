import { notAnswered } from '../exit.ts';

/** The JSON of an answer that is none of an error; else rejects with the resolver's own words. */
export const bodyOf = async <T>(response: Response): Promise<T> => {
  if (response.ok) return (await response.json()) as T;
  throw notAnswered(`the resolver answers ${response.status}: ${await problemIn(response)}`);
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
