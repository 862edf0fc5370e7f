import { ServiceDiscoveryClient } from '@aws-sdk/client-servicediscovery';

export type CloudMapClient = Pick<ServiceDiscoveryClient, 'send'>;

/** The client for region, credentials and endpoint of the environment, with the SDK's standard retries. Milliseconds. */
export const createServiceDiscoveryClient = () =>
  new ServiceDiscoveryClient({
    // Without throwOnRequestTimeout the SDK only logs that the time is over, and waits on.
    requestHandler: { connectionTimeout: 1_000, requestTimeout: 3_000, throwOnRequestTimeout: true },
    // Discover* would call `data-<host>`, which resolves at AWS alone.
    disableHostPrefix: Boolean(
      process.env['AWS_ENDPOINT_URL_SERVICEDISCOVERY'] || process.env['AWS_ENDPOINT_URL'],
    ),
  });
