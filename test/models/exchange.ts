import type { Exchange } from '../../local/aws/exchange.ts';
import { parseAnswer, parseForm } from './ec2.ts';
import { type Model, modelOf, type Operation } from './model.ts';
import { checkRefusal } from './refusal.ts';
import { checkValue, type Finding, finding } from './value.ts';

/**
 * What one call says that AWS's service model forbids, each on a line: operation, path, expected,
 * got. A request may break the model as long as it is refused.
 */
export const checkExchange = (exchange: Exchange): readonly string[] => {
  const { target, operation, status, injected } = exchange;
  const model = modelOf(target);
  const declared = model?.operations[operation];
  if (!model || !declared)
    return status === 200 && !injected
      ? [`${target}.${operation}: expected no answer, got one`]
      : [];
  return findingsOf({ model, declared, exchange }).map(
    ({ path, expected, got }) => `${target}.${operation} ${path}: expected ${expected}, got ${got}`,
  );
};

interface Call {
  readonly model: Model;
  readonly declared: Operation;
  readonly exchange: Exchange;
}

const findingsOf = (call: Call): readonly Finding[] => {
  if (call.exchange.status !== 200) return checkRefusal(call);
  // Faults put nonsense into answers on purpose; the names of errors are not to be nonsense.
  return call.exchange.injected ? [] : [...checkRequest(call), ...checkAnswer(call)];
};

const checkRequest = ({ model, declared: { input }, exchange: { target, request } }: Call) => {
  if (!input) return [];
  const value = target === 'ec2' ? parseForm(model, input, request) : JSON.parse(request || '{}');
  return checkValue(value, input, { model, path: 'request' });
};

const checkAnswer = ({ model, declared: { output }, exchange }: Call) => {
  const { target, headers, answer } = exchange;
  const at = { model, path: 'answer' };
  if (target === 'ec2')
    return output ? checkValue(parseAnswer(model, output, answer), output, at) : [];
  const came = headers['content-type'];
  const type = `application/x-amz-json-${model.metadata.jsonVersion}`;
  return [
    ...(came === type ? [] : finding('content-type', type, came)),
    ...(output ? checkValue(JSON.parse(answer), output, at) : []),
  ];
};
