import { nearestTo } from '../../shared/model/nearest.ts';
import { choicesIn } from '../choices.ts';

interface Declared {
  readonly Default: string | number;
  readonly AllowedValues?: readonly (string | number)[];
  readonly AllowedPattern?: string;
  readonly MaxLength?: number;
  readonly MinValue?: number;
  readonly MaxValue?: number;
  readonly ConstraintDescription?: string;
}

/** `params` of serverless.yml: for `default` and for each stage, values by name. */
type Sections = Readonly<Record<string, Readonly<Record<string, unknown>> | null>>;

interface Serverless {
  readonly configurationInput: { readonly params?: Sections };
  readonly service: {
    readonly resources: { readonly Parameters: Readonly<Record<string, Declared>> };
  };
  readonly classes: { readonly Error: new (message: string, code: string) => Error };
}

/**
 * The framework drops a `--param` that nobody asks for, or one in the file's `params`, so that
 * `--param polcy=observe` would deploy a stack that writes. Here it is refused, and so is a value
 * that CloudFormation would refuse after the upload.
 */
export default class Parameters {
  readonly hooks: Record<string, () => void>;

  constructor(serverless: Serverless, { param = [] }: { readonly param?: readonly string[] }) {
    this.hooks = {
      initialize: () => {
        const declared = serverless.service.resources.Parameters;
        const faults = [
          ...parameterFaults(declared, param),
          ...sectionFaults(declared, serverless.configurationInput.params ?? {}),
        ];
        if (faults.length > 0)
          throw new serverless.classes.Error(faults.join('\n'), 'INVALID_PARAMETER');
      },
    };
  }
}

type Known = Readonly<Record<string, Declared>>;

/** What is wrong with the `name=value` pairs given, one line each. */
export const parameterFaults = (declared: Known, given: readonly string[]): readonly string[] =>
  given.flatMap((pair) => {
    const mark = pair.indexOf('=');
    const [name, value] = mark < 0 ? [pair, ''] : [pair.slice(0, mark), pair.slice(mark + 1)];
    const fault = faultOf(declared, name, value);
    return fault === undefined ? [] : [`--param ${name}: ${fault}`];
  });

/** The same of the file's `params`. What a variable of another stage stands for is not known. */
export const sectionFaults = (declared: Known, sections: Sections): readonly string[] =>
  Object.entries(sections).flatMap(([section, values]) =>
    Object.entries(values ?? {}).flatMap(([name, value]) => {
      const isOpen = String(value).includes('${');
      const fault = faultOf(declared, name, isOpen ? undefined : String(value));
      return fault === undefined ? [] : [`params.${section}.${name}: ${fault}`];
    }),
  );

const faultOf = (declared: Known, name: string, value: string | undefined): string | undefined => {
  const parameter = Object.hasOwn(declared, name) ? declared[name] : undefined;
  if (!parameter) return `there is no such parameter${hint(Object.keys(declared), name)}`;
  if (value === undefined) return undefined;
  const { AllowedValues, ConstraintDescription } = parameter;
  if (AllowedValues && !AllowedValues.map(String).includes(value))
    return `expected ${expectedOf(AllowedValues.map(String))}, got "${value}"`;
  const expected = expectationMissed(parameter, value);
  if (expected === undefined) return undefined;
  return `${ConstraintDescription ?? `expected ${expected}.`} Got "${value}".`;
};

const expectedOf = (values: readonly string[]): string => {
  const { single, isList } = choicesIn(values);
  return isList ? `any of ${single.join(', ')}, comma-separated` : values.join(' or ');
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

const hint = (names: readonly string[], name: string): string => {
  const [near] = nearestTo(name, names);
  return near === undefined ? '; docs/configuration.md lists them' : `; is ${near} meant?`;
};
