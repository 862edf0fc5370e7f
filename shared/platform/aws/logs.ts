/** What is used of CloudWatch Logs, by name: see ssm.ts. */
export { CloudWatchLogsClient, FilterLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
