/** What is used of SQS, by name, as in ssm.ts. */
export { SendMessageBatchCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
