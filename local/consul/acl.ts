type Right = 'deny' | 'read' | 'write';

/** By prefix of a node's or service's name; the longest that matches decides. */
export interface Policy {
  readonly node?: Readonly<Record<string, Right>>;
  readonly service?: Readonly<Record<string, Right>>;
}

/** What each token may do. Requests without a token, and everything unsaid, may do nothing. */
export interface Acl {
  readonly tokens: Readonly<Record<string, Policy>>;
}

export interface Rights {
  may(right: 'read' | 'write', kind: 'node' | 'service', name: string): boolean;
}

const ALL: Rights = { may: () => true };

/**
 * `undefined`: the token is unknown, which is 403 even for reads. Without an ACL everybody may do
 * everything.
 */
export const rightsOf = (acl: Acl | undefined, token: string): Rights | undefined => {
  if (!acl) return ALL;
  const policy = token === '' ? {} : acl.tokens[token];
  return (
    policy && {
      may(right, kind, name) {
        const rules = Object.entries(policy[kind] ?? {}).filter(([prefix]) =>
          name.startsWith(prefix),
        );
        const [, given] = rules.sort(([a], [b]) => b.length - a.length)[0] ?? [];
        return given === 'write' || given === right;
      },
    }
  );
};
