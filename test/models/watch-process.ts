import { watchExchanges } from '../../local/aws/exchange.ts';
import { checkExchange } from './exchange.ts';
import { hasModels } from './model.ts';

/**
 * Preloaded into a process of its own (`node --import`), which then ends as failed where something
 * differed.
 */
if (hasModels()) {
  const found = new Set<string>();
  watchExchanges((exchange) => {
    for (const line of checkExchange(exchange)) found.add(line);
  });
  process.once('exit', () => {
    for (const line of found) console.error(`differs from AWS's service models: ${line}`);
    if (found.size > 0) process.exitCode = 70;
  });
}
