import { PYTHON_CLIENTS, pythonWithClients } from '../../../scripts/real/clients/python.ts';
import { debianConsul } from '../../../scripts/real/consul.ts';
import { eurekaClassPath } from '../../../scripts/real/eureka.ts';
import { startConsulPair, startEurekaPair } from '../../../scripts/real/pair.ts';
import { together, withReal } from '../real.ts';
import { seesTheSame } from './same-sight.ts';

await withReal(
  'py-consul 1.8.0 and Consul 1.8.7',
  together({ python: pythonWithClients, consul: debianConsul }),
  ({ python, consul }) =>
    seesTheSame('Consul 1.8.7', () => startConsulPair(consul), {
      'py-consul 1.8.0': [python, PYTHON_CLIENTS.consul],
    }),
);

await withReal(
  'py_eureka_client 0.13.3 and Eureka 2.0.4',
  together({ python: pythonWithClients, eureka: eurekaClassPath }),
  ({ python, eureka }) =>
    seesTheSame('Eureka 2.0.4', () => startEurekaPair(eureka), {
      'py_eureka_client 0.13.3': [python, PYTHON_CLIENTS.eureka],
    }),
);
