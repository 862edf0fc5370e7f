import { TIMEOUTS } from '../platform/aws/clients.ts';
import { everyPage } from '../platform/aws/pages.ts';
import { chunks, mapBounded } from '../platform/concurrency.ts';
import type { ExternalAddresses } from './hosts.ts';

/** SSM's limit for the values of one filter. */
const BATCH = 50;

/**
 * ECS Anywhere's machines are Systems Manager's: only it knows their addresses. Loaded on first
 * use.
 */
export const externalAddresses: ExternalAddresses = async (ids, signal) => {
  const { DescribeInstanceInformationCommand, SSMClient } = await import('../platform/aws/ssm.ts');
  const ssm = new SSMClient(TIMEOUTS);
  const pages = await mapBounded(chunks(ids, BATCH), 2, (Values) =>
    everyPage((NextToken) => {
      const Filters = [{ Key: 'InstanceIds', Values }];
      const command = new DescribeInstanceInformationCommand({
        Filters,
        NextToken,
        MaxResults: BATCH,
      });
      return ssm.send(command, { abortSignal: signal });
    }),
  );
  return new Map(
    pages
      .flat()
      .flatMap((page) => page.InstanceInformationList ?? [])
      .flatMap(({ InstanceId, IPAddress }) =>
        InstanceId && IPAddress ? [[InstanceId, IPAddress] as const] : [],
      ),
  );
};
