/** What is used of EventBridge, by name: see ssm.ts. */
export { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
