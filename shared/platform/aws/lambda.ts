/** What is used of Lambda, by name: see ssm.ts. */
export { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
