/**
 * Names that any operation may answer and that no model lists: "Common error types" in the API
 * reference of each service, and those of the protocol itself.
 */
export const COMMON_ERRORS: readonly string[] = [
  'AccessDeniedException',
  'ExpiredTokenException',
  'IncompleteSignature',
  'InternalFailure',
  'InvalidClientTokenId',
  'MissingAuthenticationToken',
  'NotAuthorized',
  'OptInRequired',
  'RequestExpired',
  'SerializationException',
  'ServiceUnavailable',
  'ThrottlingException',
  'UnknownOperationException',
  'UnrecognizedClientException',
  'ValidationException',
];

/** SQS kept these of its query protocol; its model lists the others. */
export const SQS_ERRORS: readonly string[] = ['InvalidParameterValue', 'MissingParameter'];

/**
 * EC2's model lists no errors. These are of "Error codes for the Amazon EC2 API", as far as
 * anything here answers them.
 */
export const EC2_ERRORS: readonly string[] = [
  'FilterLimitExceeded',
  'InternalError',
  'InvalidAction',
  'InvalidInstanceID.Malformed',
  'InvalidInstanceID.NotFound',
  'InvalidNetworkInterfaceID.NotFound',
  'InvalidNetworkInterfaceId.Malformed',
  'InvalidNextToken',
  'InvalidParameterCombination',
  'InvalidParameterValue',
  'RequestLimitExceeded',
  'Unavailable',
  'UnauthorizedOperation',
];
