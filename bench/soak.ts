import { debianConsul } from '../scripts/real/consul.ts';
import { isUnavailable } from '../scripts/real/unavailable.ts';
import { soak, soakText } from './soak/soak.ts';

/** `npm run soak`, ten minutes; `npm run soak -- 1`: one. Its status says whether all was right. */
const minutes = Number(process.argv[2] ?? 10);
const consul = await debianConsul();
if (isUnavailable(consul)) throw new Error(consul.unavailable);
const report = await soak(consul, minutes);
console.log(soakText(report));
process.exit(report.faults.length === 0 ? 0 : 1);
