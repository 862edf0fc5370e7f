/** Whom an operator asks from a shell. */
export type Admin = { readonly url: string } | { readonly stack: string; readonly region: string };

/**
 * As a function's environment tells it; undefined where only the stack's outputs say it. The stack
 * gives all its functions its own name as a prefix.
 */
export const adminIn = ({
  AWS_LAMBDA_FUNCTION_NAME: own,
  AWS_REGION: region,
  LOCAL_CONTROL_URL: url,
}: NodeJS.ProcessEnv): Admin | undefined => {
  if (url) return { url };
  const [, stack] = /^(.+?)-(?:resolve|inspect)$/.exec(own ?? '') ?? [];
  return stack && region ? { stack, region } : undefined;
};

/** By which options the command `rollcall` finds it: each with its value in one word. */
export const optionsFor = (admin: Admin | undefined): readonly string[] => {
  if (!admin) return [];
  return 'url' in admin ? ['--local'] : [`--stack ${admin.stack}`, `--region ${admin.region}`];
};

/** What lets a withheld plan through, as it is typed. */
export const releaseCommand = (plan: string, admin: Admin | undefined): string =>
  ['rollcall release', plan, ...optionsFor(admin)].join(' ');
