/**
 * How a free text looks, by parameter or by variable where no parameter sets it. What has a list of
 * values or a range needs none. Tests give each of these to the template's patterns and to the
 * configuration's reader.
 */
export const EXAMPLES: Readonly<Record<string, string>> = {
  owner: 'payments-discovery',
  clusters: 'prod-*,batch',
  nameTemplate: '{cluster}-{service}',
  nameTemplates: 'prod-*={service};stage-*={cluster}-{service}',
  names: 'payments=prod/payments+prod/payments-fargate',

  namespace: 'ns-e3b7x5examplens2a',
  vpcId: 'vpc-0a1b2c3d4e5f60718',

  consulHttpAddr: 'https://consul-1.internal:8501,https://consul-2.internal:8501',
  consulHttpToken:
    'secretsmanager:arn:aws:secretsmanager:eu-west-1:111122223333:secret:consul-Ab1Cd2:token',
  consulCacert: 'ssm:/consul/ca.pem',
  consulClientCert: 'ssm:/consul/client.pem',
  consulClientKey: 'ssm:/consul/client-key.pem',
  consulTlsServerName: 'server.dc1.consul',
  consulNamespace: 'payments',
  consulPartition: 'ecs',
  consulDatacenter: 'dc1',
  eurekaUrl: 'http://eureka-1.internal:8761/eureka/,http://eureka-2.internal:8761/eureka/',
  eurekaCacert: 'ssm:/eureka/ca.pem',
  eurekaClientCert: 'ssm:/eureka/client.pem',
  eurekaClientKey: 'ssm:/eureka/client-key.pem',
  eurekaTlsServerName: 'eureka.internal',
  secretArns: 'arn:aws:secretsmanager:eu-west-1:111122223333:secret:consul-Ab1Cd2',
  parameterArns: 'arn:aws:ssm:eu-west-1:111122223333:parameter/consul/ca.pem',
  secretKeyArns: 'arn:aws:kms:eu-west-1:111122223333:key/0987dcba-09fe-87dc-65ba-ab0987654321',

  resolveConsulToken:
    'secretsmanager:arn:aws:secretsmanager:eu-west-1:111122223333:secret:consul-read-Gh5Ij6:token',
  resolveEurekaUrl: 'ssm:/eureka/read-url',
  resolveSecretArns:
    'arn:aws:secretsmanager:eu-west-1:111122223333:secret:consul-read-Gh5Ij6,arn:aws:ssm:eu-west-1:111122223333:parameter/eureka/read-url',
  resolveReservedConcurrency: '50',
  resolveOriginSecret:
    'secretsmanager:arn:aws:secretsmanager:eu-west-1:111122223333:secret:origin-Kl7Mn8',
  resolveCidrs: '10.0.0.0/8,fd00::/8',
  resolveCorsOrigins: 'https://portal.example.com',

  subnetIds: 'subnet-0a1b2c3d,subnet-4e5f6071',
  securityGroupIds: 'sg-0a1b2c3d',
  permissionsBoundary: 'arn:aws:iam::111122223333:policy/boundary',
  rolePath: '/rollcall/',
  kmsKeyArn: 'arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab',
  alarmTopicArn: 'arn:aws:sns:eu-west-1:111122223333:alarms',

  ROLLCALL_RESOLVE_TOKEN:
    'secretsmanager:arn:aws:secretsmanager:eu-west-1:111122223333:secret:token-Ab1Cd2',
  ROLLCALL_LOOPBACK: 'allow',
  ROLLCALL_STAGE: 'prod',
  ROLLCALL_PLACE: 'aws:eu-west-1:111122223333',
  ROLLCALL_QUEUE_URL: 'https://sqs.eu-west-1.amazonaws.com/111122223333/rollcall-prod-EventQueue',
  ROLLCALL_RENEW_QUEUE_URL:
    'https://sqs.eu-west-1.amazonaws.com/111122223333/rollcall-prod-RenewQueue',
  ROLLCALL_SUMMARY_PARAMETER: '/rollcall-prod/summary',
  ROLLCALL_RELEASE_PARAMETER: '/rollcall-prod/release',
  ROLLCALL_REMOVALS_PARAMETER: '/rollcall-prod/removals',
  ROLLCALL_INSPECT_FUNCTION: 'rollcall-prod-inspect',
  ROLLCALL_LOG_GROUP: '/aws/lambda/rollcall-prod',
};
