/**
 * What may be chosen from. CloudFormation has no lists of choices: a parameter that takes one has
 * every order of every choice for its values, and the single ones say it all.
 */
export const choicesIn = (
  values: readonly string[],
): { readonly single: readonly string[]; readonly isList: boolean } => ({
  single: values.filter((value) => value !== '' && !value.includes(',')),
  isList: values.some((value) => value.includes(',')),
});
