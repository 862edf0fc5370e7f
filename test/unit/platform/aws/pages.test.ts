import { describe, expect, it } from 'vitest';
import { everyPage } from '../../../../shared/platform/aws/pages.ts';

describe('every page', () => {
  it.each(['nextToken', 'NextToken'])(
    'follows %s to the end, past a page that is empty',
    async (key) => {
      const answers = [{ items: [1], [key]: 'a' }, { items: [], [key]: 'b' }, { items: [2] }];
      const asked: (string | undefined)[] = [];
      const pages = await everyPage(
        async (token): Promise<{ items: number[]; nextToken?: string }> => {
          asked.push(token);
          return answers[asked.length - 1] ?? { items: [] };
        },
      );
      expect(pages.flatMap(({ items }) => items)).toEqual([1, 2]);
      expect(asked).toEqual([undefined, 'a', 'b']);
    },
  );

  it('takes an empty token for the end', async () => {
    expect(await everyPage(async () => ({ nextToken: '' }))).toHaveLength(1);
  });

  it('rejects where a page fails, whatever was read before', async () => {
    const page = async (token: string | undefined) => {
      if (token) throw new Error('throttled');
      return { nextToken: 'a' };
    };
    await expect(everyPage(page)).rejects.toThrow('throttled');
  });
});
