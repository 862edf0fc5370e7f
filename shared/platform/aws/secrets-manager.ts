/** What is used of Secrets Manager, by name, as in ssm.ts. */
export { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
