/** Consul's own default: there is one catalogue here, whatever `dc` a client names. */
export const DATACENTER = 'dc1';
export const NODE = 'rollcall';
/** Whose read API this is. Some clients choose their calls by it. */
export const VERSION = '1.8.7';
