import { onTestFinished } from 'vitest';
import { type AwsServer, startAws } from '../../../local/aws/server.ts';
import type { AwsService } from '../../../local/aws/service.ts';

/** Serves until the test is over, and says what an SDK client needs to reach it. */
export const serve = async (...services: readonly AwsService[]) => {
  const server: AwsServer = await startAws(services);
  onTestFinished(() => server.stop());
  return {
    server,
    config: {
      endpoint: server.url,
      region: 'eu-central-1',
      credentials: { accessKeyId: 'any', secretAccessKey: 'any' },
      maxAttempts: 1,
    },
  };
};
