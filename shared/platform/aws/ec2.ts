/** What is used of EC2 here, by name, as in ssm.ts. */
export { EC2Client } from '@aws-sdk/client-ec2';
