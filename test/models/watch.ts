import { afterAll, afterEach, expect } from 'vitest';
import { watchExchanges } from '../../local/aws/exchange.ts';
import { checkExchange } from './exchange.ts';
import { hasModels } from './model.ts';

/**
 * For every test file: whatever a simulated AWS was asked and answered is held against AWS's own
 * service models, and a test during which it differed fails. Without the models nothing is checked;
 * test/real fetches them, and where these must run (`ROLLCALL_REAL=required`) the others are not to
 * run unwatched.
 */
if (!hasModels() && process.env['ROLLCALL_REAL'] === 'required')
  throw new Error(
    'ROLLCALL_REAL=required: AWS’s service models are missing; run: npm run test:real',
  );

if (hasModels()) {
  let findings: readonly string[] = [];
  const release = watchExchanges((exchange) => {
    findings = [...findings, ...checkExchange(exchange)];
  });
  afterEach(() => {
    // The same in each item of a list is one difference.
    const found = [...new Map(findings.map((line) => [line.replace(/\d+/g, '#'), line])).values()];
    findings = [];
    expect(found, 'differs from AWS’s service models').toEqual([]);
  });
  afterAll(release);
}
