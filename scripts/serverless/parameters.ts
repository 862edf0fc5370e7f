interface Declared {
  readonly Default: string | number;
  readonly AllowedValues?: readonly (string | number)[];
  readonly AllowedPattern?: string;
  readonly MaxLength?: number;
  readonly MinValue?: number;
  readonly MaxValue?: number;
  readonly ConstraintDescription?: string;
}

interface Serverless {
  readonly service: { readonly resources: { readonly Parameters: Readonly<Record<string, Declared>> } };
  readonly classes: { readonly Error: new (message: string, code: string) => Error };
}

/**
 * The framework drops a `--param` that nobody asks for, so that `--param polcy=observe` would deploy a stack that
 * writes. Here it is refused, and so is a value that CloudFormation would refuse after the upload.
 */
export default class Parameters {
  readonly hooks: Record<string, () => void>;

  constructor(serverless: Serverless, { param = [] }: { readonly param?: readonly string[] }) {
    this.hooks = {
      initialize: () => {
        const faults = parameterFaults(serverless.service.resources.Parameters, param);
        if (faults.length > 0) throw new serverless.classes.Error(faults.join('\n'), 'INVALID_PARAMETER');
      },
    };
  }
}

/** What is wrong with the `name=value` pairs given, one line each. */
export const parameterFaults = (
  declared: Readonly<Record<string, Declared>>,
  given: readonly string[],
): readonly string[] => given.flatMap((pair) => faultOf(declared, pair) ?? []);

const faultOf = (declared: Readonly<Record<string, Declared>>, pair: string): string | undefined => {
  const mark = pair.indexOf('=');
  const [name, value] = mark < 0 ? [pair, ''] : [pair.slice(0, mark), pair.slice(mark + 1)];
  const parameter = Object.hasOwn(declared, name) ? declared[name] : undefined;
  if (!parameter) return `--param ${name}: there is no such parameter${hint(Object.keys(declared), name)}`;
  const { AllowedValues, ConstraintDescription } = parameter;
  if (AllowedValues && !AllowedValues.map(String).includes(value))
    return `--param ${name}: expected ${AllowedValues.join(' or ')}, got "${value}"`;
  const expected = expectationMissed(parameter, value);
  if (expected !== undefined)
    return `--param ${name}: ${ConstraintDescription ?? `expected ${expected}.`} Got "${value}".`;
  return undefined;
};

const expectationMissed = (
  { AllowedPattern, MaxLength, MinValue, MaxValue }: Declared,
  value: string,
): string | undefined => {
  if (AllowedPattern !== undefined && !new RegExp(`^(?:${AllowedPattern})$`).test(value))
    return `what fits ${AllowedPattern}`;
  if (MaxLength !== undefined && value.length > MaxLength) return `at most ${MaxLength} characters`;
  const isNumber = MinValue !== undefined || MaxValue !== undefined;
  if (isNumber && (value === '' || !Number.isFinite(Number(value)))) return 'a number';
  if (MinValue !== undefined && Number(value) < MinValue) return `at least ${MinValue}`;
  if (MaxValue !== undefined && Number(value) > MaxValue) return `at most ${MaxValue}`;
  return undefined;
};

/** The one name that is nearest, if any is near. */
const hint = (names: readonly string[], name: string): string => {
  const near = names
    .map((known) => ({ known, steps: editsBetween(known.toLowerCase(), name.toLowerCase()) }))
    .sort((a, b) => a.steps - b.steps)[0];
  return near && near.steps <= 3 ? `; is ${near.known} meant?` : '; docs/configuration.md lists them';
};

/** Levenshtein's distance. */
const editsBetween = (a: string, b: string): number => {
  let row = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (const [i, letter] of [...a].entries()) {
    const above = row;
    row = [i + 1];
    for (const [j, other] of [...b].entries())
      row.push(
        Math.min((above[j + 1] ?? 0) + 1, (row[j] ?? 0) + 1, (above[j] ?? 0) + (letter === other ? 0 : 1)),
      );
  }
  return row.at(-1) ?? 0;
};
