import 'aws-sdk-client-mock-vitest/extend';
import { DescribeInstanceInformationCommand, SSMClient } from '@aws-sdk/client-ssm';
import { mockClient } from 'aws-sdk-client-mock';
import { afterAll, afterEach, expect, it } from 'vitest';
import { externalAddresses } from '../../../shared/source/external.ts';

const ssm = mockClient(SSMClient);
afterEach(() => ssm.reset());
afterAll(() => ssm.restore());
const live = () => new AbortController().signal;

it('addresses of machines outside AWS are read over pages, fifty ids a call; one without is left out', async () => {
  ssm
    .on(DescribeInstanceInformationCommand)
    .resolvesOnce({
      InstanceInformationList: [{ InstanceId: 'mi-0', IPAddress: '192.168.0.1' }],
      NextToken: '1',
    })
    .resolves({ InstanceInformationList: [{ InstanceId: 'mi-1' }, { IPAddress: '192.168.0.9' }] });
  const ids = Array.from({ length: 51 }, (_, at) => `mi-${at}`);
  expect([...(await externalAddresses(ids, live()))]).toEqual([['mi-0', '192.168.0.1']]);
  const sizes = ssm
    .commandCalls(DescribeInstanceInformationCommand)
    .map((call) => call.args[0].input.Filters?.[0]?.Values?.length);
  expect(sizes.toSorted()).toEqual([1, 50, 50]);
});

it('addresses of machines outside AWS are unknown where one page fails', async () => {
  ssm.on(DescribeInstanceInformationCommand).rejects('Rate exceeded');
  await expect(externalAddresses(['mi-0'], live())).rejects.toThrow('Rate exceeded');
});
